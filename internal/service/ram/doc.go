// Package ram is AWS Resource Access Manager: resource shares, what is in them
// and with whom they are shared, the invitations that accounts outside the
// owner's organization get, the permissions that say what a share allows, and
// the promotion of shares and permissions that came of resource policies.
//
// What a share does to its resources is not decided here. Package sharing writes
// the policies that follow from shares, and the gate enforces them as it does
// any other; this package says who may change a share, and shows what there is.
//
// Start reading at New in service.go, the table of operations; then share.go,
// association.go and invitation.go. target.go tells what the gate judges,
// principal.go what may be named as a principal, walk.go how lists walk their
// indexes. Differences from AWS that are known or suspected stand in
// docs/divergences.md.
//
// Operations and shapes: https://docs.aws.amazon.com/ram/latest/APIReference/
package ram
