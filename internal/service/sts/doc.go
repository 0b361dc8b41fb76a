// Package sts serves the Security Token Service: today the answer to every
// client's first question, who am I.
//
// Start reading at New.
package sts
