import{a,b,c,d,e,f,g,h}from"./chunk-4N6QZX2L.js";export{h as element,d as get,b as layerName,c as path,e as post,f as renewToken,g as shape,a as text};
