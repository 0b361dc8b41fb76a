package sharing

import (
	"iter"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// SharedWith yields the ARNs of the resources of a RAM resource type, such as
// "imagebuilder:Image", that STANDARD shares of other accounts make discoverable to the
// caller in the region of the call: ordered, each once, from the first that sorts after
// the given ARN. Resources that the caller may not read are omitted.
//
// It reads in pages while the caller iterates.
func SharedWith(c *operation.Call, resourceType, after string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		var typ ResourceType
		for _, t := range resourceTypes {
			if t.Name == resourceType {
				typ = t
			}
		}
		consumers, err := consumersOf(c)
		if err != nil {
			yield("", err)
			return
		}
		for share, err := range merge(discoverable(c, shareType, "", consumers)) {
			if err != nil {
				yield("", err)
				return
			}
			consumers = append(consumers, share)
		}
		for arn, err := range merge(discoverable(c, resourceType, after, consumers)) {
			if err != nil {
				yield("", err)
				return
			}
			may, err := c.May(typ.GetAction, authz.Target{ARN: arn})
			if err == nil && !may {
				continue
			}
			if !yield(arn, err) || err != nil {
				return
			}
		}
	}
}

// discoverable are walks over what consumers can discover of a type, one for each.
func discoverable(c *operation.Call, typ, after string, consumers []string) []*walk {
	walks := make([]*walk, len(consumers))
	for i, consumer := range consumers {
		walks[i] = &walk{own: c.Account(), after: after, read: func(after string, limit int) ([]string, error) {
			return c.Tx.Discoverable(consumer, c.Region, typ, after, limit)
		}}
	}
	return walks
}

// SharesWith yields the STANDARD, active shares of other accounts in the region
// of the call that share with the caller's account (itself, an identity in it,
// its organization or a unit it is in), by ARN, from the one that sorts after
// the given one. An association that is not ASSOCIATED counts for nothing.
func SharesWith(c *operation.Call, after string) iter.Seq2[*Share, error] {
	return func(yield func(*Share, error) bool) {
		consumers, err := consumersOf(c)
		if err != nil {
			yield(nil, err)
			return
		}
		here := "arn:" + c.Partition + ":" + ramService + ":" + c.Region + ":"
		var walks []*walk
		for _, consumer := range consumers {
			walks = append(walks, &walk{own: c.Account(), after: max(after, here), read: func(after string, limit int) ([]string, error) {
				return c.Tx.SharesByConsumer(consumer, string(Associated), after, limit)
			}})
		}
		for arn, err := range merge(walks) {
			var s *Share
			if err == nil {
				if !strings.HasPrefix(arn, here) {
					return
				}
				s, err = ReadShare(c.Tx, arn)
			}
			if err == nil && !s.isActiveStandard() {
				continue
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// sharesWith yields the shares that have an association of a status with a
// consumer, by ARN.
func sharesWith(tx *store.Tx, consumer string, status AssociationStatus, after string) iter.Seq2[string, error] {
	return merge([]*walk{{after: after, read: func(after string, limit int) ([]string, error) {
		return tx.SharesByConsumer(consumer, string(status), after, limit)
	}}})
}

// consumersOf returns the caller's account, its organization, and each organizational
// unit that contains it: all consumers through which it has access.
func consumersOf(c *operation.Call) ([]string, error) {
	m, err := identity.MembershipOf(c.Tx, c.Account())
	if err != nil {
		return nil, err
	}
	list := []string{c.Account()}
	if m.OrganizationID == "" {
		return list, nil
	}
	o := identity.Organization{Partition: c.Partition, ID: m.OrganizationID, Management: m.ManagementAccount}
	list = append(list, o.ARN())
	for id := range strings.SplitSeq(m.Path, "/") {
		if strings.HasPrefix(id, "ou-") {
			list = append(list, o.NodeARN(id))
		}
	}
	return list, nil
}

// walk is an ordered list of ARNs that is read in growing pages.
type walk struct {
	read  func(after string, limit int) ([]string, error)
	after string // last ARN that was read
	own   string // the account whose ARNs are skipped; "" for none

	page  []string // ARNs that were read and not yielded yet
	limit int
	ended bool
}

// The number of ARNs that a walk reads at a time.
const (
	firstRead = 32
	mostRead  = 512
)

// peek returns the next ARN; "" at the end. The ARNs of the own account are adjacent for
// each region of a service: they are skipped by seeking.
func (w *walk) peek() (string, error) {
	for {
		if len(w.page) == 0 {
			if w.ended {
				return "", nil
			}
			w.limit = min(max(firstRead, 2*w.limit), mostRead)
			page, err := w.read(w.after, w.limit)
			if err != nil {
				return "", err
			}
			w.page, w.ended = page, len(page) < w.limit
			if len(page) == 0 {
				return "", nil
			}
			w.after = page[len(page)-1]
		}
		arn := w.page[0]
		if w.own == "" || accountOf(arn) != w.own {
			return arn, nil
		}
		i := strings.Index(arn, ":"+w.own+":") + len(w.own) + 2
		w.page, w.ended, w.after = nil, false, arn[:i]+"\U0010FFFF"
	}
}

// merge yields what walks yield, in order, each once. An error is yielded last.
func merge(walks []*walk) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for {
			least := ""
			for _, w := range walks {
				arn, err := w.peek()
				if err != nil {
					yield("", err)
					return
				}
				if arn != "" && (least == "" || arn < least) {
					least = arn
				}
			}
			if least == "" || !yield(least, nil) {
				return
			}
			for _, w := range walks {
				if len(w.page) > 0 && w.page[0] == least {
					w.page = w.page[1:]
				}
			}
		}
	}
}

// accountOf is the account of an ARN; "" for other texts.
func accountOf(text string) string {
	a, err := arn.Parse(text)
	if err != nil {
		return ""
	}
	return a.Account
}
