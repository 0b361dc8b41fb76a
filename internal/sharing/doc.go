// Package sharing determines which principals can see a resource: by its policies, and by
// shares of RAM, which are created from policies or generate them.
//
// The services with shareable resources (Image Builder, Systems Manager) and RAM, which
// manages shares, both use it. It decides no request; package authz does, with the
// documents that this package writes.
//
// Start reading at Share and Association, then at PutPolicy (a policy creates a share)
// and save (shares generate policies): each loads, plans and saves. SharedWith lists the
// resources that an account can discover.
package sharing
