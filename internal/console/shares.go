package console

import (
	"net/http"
	"slices"

	"github.com/writdev/writ/internal/fix"
	"github.com/writdev/writ/internal/overview"
)

// shares lists the resource shares, and the pending invitations.
func (c *Console) shares(w http.ResponseWriter, r *http.Request) {
	o, err := c.overview(r.Context())
	if err != nil {
		c.failed(w, r, err)
		return
	}
	c.render(w, r, http.StatusOK, "shares", struct {
		frame
		Tab         string
		Shares      listed[overview.Share]
		Invitations listed[overview.Invitation]
	}{c.frame(r, text("shares.title"), "world"), "shares", newListed(r, o.Shares), newListed(r, o.Invitations)})
}

// answerInvitation accepts or rejects an invitation, as the account that received it.
func (c *Console) answerInvitation(w http.ResponseWriter, r *http.Request) {
	o, err := c.overview(r.Context())
	if err != nil {
		c.failed(w, r, err)
		return
	}
	at := slices.IndexFunc(o.Invitations, func(i overview.Invitation) bool { return i.ARN == r.PostFormValue("arn") })
	operation := map[string]string{"accept": "AcceptResourceShareInvitation", "reject": "RejectResourceShareInvitation"}[r.PostFormValue("answer")]
	if at < 0 || operation == "" {
		c.fail(w, r, http.StatusNotFound, text("shares.no-invitation"))
		return
	}
	i := o.Invitations[at]
	c.change(w, r, "world/shares", fix.Call{
		Account: i.Receiver, Region: i.Region, Service: "ram", Operation: operation, Params: []fix.Param{{Name: "resourceShareInvitationArn", Value: i.ARN}},
	})
}

// promote promotes a share that was created from a policy.
func (c *Console) promote(w http.ResponseWriter, r *http.Request) {
	o, err := c.overview(r.Context())
	if err != nil {
		c.failed(w, r, err)
		return
	}
	at := slices.IndexFunc(o.Shares, func(s overview.Share) bool { return s.ARN == r.PostFormValue("arn") })
	if at < 0 {
		c.fail(w, r, http.StatusNotFound, text("shares.no-share"))
		return
	}
	s := o.Shares[at]
	c.change(w, r, "world/shares", fix.Call{
		Account: s.Owner, Region: s.Region, Service: "ram", Operation: "PromoteResourceShareCreatedFromPolicy", Params: []fix.Param{{Name: "resourceShareArn", Value: s.ARN}},
	})
}

// change makes a call as the chosen principal, and shows a page.
func (c *Console) change(w http.ResponseWriter, r *http.Request, page string, call fix.Call) {
	if err := c.call(r, call, nil); err != nil {
		c.failed(w, r, err)
		return
	}
	http.Redirect(w, r, c.cfg.Path+page, http.StatusSeeOther)
}
