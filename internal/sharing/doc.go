// Package sharing knows which principals see a resource: by the policies on it,
// and by the shares of RAM, which are created from policies or make them.
//
// It is where the services with shareable resources (Image Builder, Systems
// Manager) and RAM, which manages shares, meet. It decides no request; package
// authz does, over the documents that this package writes.
//
// Start reading at Share and Association, then at PutPolicy (a policy makes a
// share) and save (shares make a policy): each loads, plans and saves. SharedWith
// lists what an account can discover.
package sharing
