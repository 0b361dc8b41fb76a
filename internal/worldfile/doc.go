// Package worldfile reads world files: scenarios of accounts, principals, policies and
// resources, with tests of who may do what. Loading one makes, as the root users of its
// accounts, the calls of the AWS APIs that would make the same state; exporting reads the
// state back through the same APIs. So the package knows no rule of any service: what a
// service refuses, it refuses here, with the place in the file.
//
// Start reading at File, then at Read, World.Load, World.Test and Export.
package worldfile
