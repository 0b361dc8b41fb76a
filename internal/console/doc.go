// Package console serves the pages at /_writ/console: decisions and their explanations, the effects of
// changes, and who shares what with whom.
//
// The pages are rendered by html/template from the responses of Writ's own paths, which the command line uses
// too. Pages change state only through calls of the AWS APIs as a principal that the user chose, which pass
// through the gate. The package contains no access rules and does not read the store. The server decides who
// may open a page, before a request reaches this package.
//
// Scripts and styles are built from web/ into assets/ by one npm command (web/README.md); the built files are
// part of the repository, so Go alone builds the console.
//
// Start reading at console.go (the routes), then one page: decision.go with pages/decision.html and
// web/src/decision.js.
package console
