import{a,b,c,d,e,f,g,h}from"./chunk-VQUTWRWV.js";export{h as element,d as get,b as layerName,c as path,e as post,f as renewToken,g as shape,a as text};
