// Package ram implements AWS Resource Access Manager: resource shares and their
// associations, invitations to accounts outside the owner's organization, managed
// permissions, and the promotion of shares and permissions that were created from
// resource-based policies.
//
// This package validates requests, authorizes what they name in addition to their
// targets, and returns shares, associations and permissions. It does not decide which
// access a share grants: package sharing writes the resource-based policies of shares,
// and the gate enforces them like any other policy.
//
// Start reading at New in service.go, the table of operations; then
// resource_share.go, association.go, invitation.go and permission.go. target.go has the
// resources and condition keys that the gate authorizes, output.go the shapes of
// responses, association_list.go the queries of lists. docs/divergences.md lists the
// known and suspected differences from AWS.
//
// Operations and shapes: https://docs.aws.amazon.com/ram/latest/APIReference/
package ram
