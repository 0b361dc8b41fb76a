package overview

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// Share is a resource share with its associations.
type Share struct {
	ARN        string    `json:"arn"`
	Name       string    `json:"name"`
	Owner      string    `json:"owner"`
	Region     string    `json:"region"`
	FeatureSet string    `json:"featureSet"` // "CREATED_FROM_POLICY" or "STANDARD"
	Created    time.Time `json:"created"`
	Resources  []Member  `json:"resources"`
	Principals []Member  `json:"principals"`
}

// Member is a resource or a principal of a share.
type Member struct {
	Entity string    `json:"entity"` // in RAM's notation
	Status string    `json:"status"` // of the association: "ASSOCIATED", "ASSOCIATING", "FAILED", ...
	Since  time.Time `json:"since"`
}

// Invitation is an invitation to a share.
type Invitation struct {
	ARN       string    `json:"arn"`
	Share     string    `json:"share"`
	ShareName string    `json:"shareName"`
	Sender    string    `json:"sender"`
	Receiver  string    `json:"receiver"`
	Region    string    `json:"region"`
	Sent      time.Time `json:"sent"`
	Status    string    `json:"status"` // "PENDING", "ACCEPTED", "REJECTED" or "EXPIRED"
}

func (r *reader) readShares() error {
	for s, err := range sharing.SharesOf(r.tx, "", "", "") {
		if err != nil {
			return err
		}
		if !s.Deleted.IsZero() {
			continue
		}
		share := Share{
			ARN: s.ARN, Name: s.Name, Owner: s.Owner, Region: s.Region, FeatureSet: string(s.FeatureSet), Created: s.Created,
			Resources: []Member{}, Principals: []Member{},
		}
		for a, err := range sharing.Associations(r.tx, sharing.AssociationQuery{Share: s.ARN}) {
			if err != nil {
				return err
			}
			m := Member{a.Entity, string(a.Status), a.Created}
			if a.Status == sharing.Associating && sharing.InvitationExpired(a.Updated, r.now) {
				m.Status = string(sharing.Failed)
			}
			switch a.Type {
			case sharing.Resource:
				share.Resources = append(share.Resources, m)
			case sharing.Principal:
				share.Principals = append(share.Principals, m)
			}
		}
		r.account(s.Owner)
		r.out.Shares = append(r.out.Shares, share)
		r.addShare(&share)
	}
	return nil
}

// addShare adds the edges of a share. A share that was created from a policy grants nothing: it means that
// the resource is not promoted.
func (r *reader) addShare(s *Share) {
	for _, resource := range s.Resources {
		for _, principal := range s.Principals {
			e := r.edge(resource.Entity, principal.Entity)
			source := Source{Via: ViaShare, Name: s.ARN, Title: s.Name, Since: later(resource.Since, principal.Since)}
			switch {
			case s.FeatureSet == string(sharing.CreatedFromPolicy):
				e.addMissing(Promotion)
				continue
			case principal.Status == string(sharing.Associating):
				e.addMissing(Acceptance)
			case principal.Status == string(sharing.Failed), resource.Status == string(sharing.Failed):
				e.addMissing(Refusal)
			}
			e.Sources = append(e.Sources, source)
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (r *reader) readInvitations() error {
	for row, err := range r.tx.Resources(store.Query{Service: "ram", Type: "resource-share-invitation"}) {
		if err != nil {
			return err
		}
		var sent struct{ Sender, Share, ShareName, Answer string }
		if err := json.Unmarshal(row.Data, &sent); err != nil {
			return fmt.Errorf("read %s: %w", row.ARN, err)
		}
		status := sent.Answer
		switch {
		case status != "":
		case sharing.InvitationExpired(row.CreatedAt, r.now):
			status = "EXPIRED"
		default:
			status = "PENDING"
		}
		r.out.Invitations = append(r.out.Invitations, Invitation{
			ARN: row.ARN, Share: sent.Share, ShareName: sent.ShareName, Sender: sent.Sender, Receiver: row.Account,
			Region: row.Region, Sent: row.CreatedAt, Status: status,
		})
	}
	return nil
}

// arnAccount returns the account in an ARN.
func arnAccount(resource string) string {
	a, err := arn.Parse(resource)
	if err != nil {
		return ""
	}
	return a.Account
}
