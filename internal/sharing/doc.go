// Package sharing says with whom a resource is shared, judged by the policies
// that lie on it.
//
// It is made of pure functions of policy documents: it reads no store and
// decides no request (package authz does), and it creates no share. Start
// reading at External.
package sharing
