// Package console is the pages at /_writ/console: what was decided and why, what a change
// would do, and who shares what with whom.
//
// The pages are made here, by html/template, from the answers of Writ's own paths: the same
// that the command line asks. What they change, they change by calls of the AWS APIs as a
// principal that the user chose, through the gate. The package holds no rule of access and
// reads no store. Who may open a page is decided by the server, before a request comes here.
//
// Scripts and styles are built from web/ into assets/ by one npm command (web/README.md);
// the built files are part of the repository, so Go alone builds the console.
//
// Start reading at console.go (the routes), then one page: decision.go with
// pages/decision.html and web/src/decision.js.
package console
