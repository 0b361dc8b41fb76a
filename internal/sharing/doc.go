// Package sharing knows with whom resources are shared: by the policies that lie
// on them, and by the shares of RAM that follow from policies or make them.
//
// It is where the services meet that have shareable resources (Image Builder,
// Systems Manager) and the one that manages shares (RAM). It decides no request;
// package authz does, over the documents that this package keeps in the store.
//
// Start reading at Share and Association, then at FollowPolicy (a policy makes a
// share) and Rewrite (shares make a policy). SharedWith says what an account can
// discover.
package sharing
