package secretsmanager

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/secrets"
)

// maxList is the largest number of secrets, or versions, on a page.
const maxList = 100

// listing holds the parameters of a list.
type listing struct {
	filters []Filter
	deleted bool // includes secrets that are scheduled for deletion
	by      SortByType
	descend bool
	limit   int
	asked   *int // the requested page size
	token   *string
}

func (sm *secretsManager) listSecrets(c *operation.Call, in *ListSecretsInput) (*ListSecretsOutput, error) {
	l := listing{filters: in.Filters, deleted: isTrue(in.IncludePlannedDeletion), limit: maxList, asked: in.MaxResults, token: in.NextToken}
	if in.SortBy != nil {
		l.by = *in.SortBy
	}
	l.descend = in.SortOrder != nil && *in.SortOrder == SortOrderTypeDesc
	page, err := sm.list(c, apiListSecrets.Name, l)
	if err != nil {
		return nil, err
	}
	out := &ListSecretsOutput{SecretList: []SecretListEntry{}, NextToken: page.Next}
	for _, s := range page.Items {
		e, err := sm.entry(c, s)
		if err != nil {
			return nil, err
		}
		out.SecretList = append(out.SecretList, e)
	}
	return out, nil
}

// list returns one page of the caller's secrets.
func (sm *secretsManager) list(c *operation.Call, op string, l listing) (operation.Page[*secrets.Secret], error) {
	after, err := operation.AfterToken(op, l.token)
	if errors.Is(err, operation.ErrPageToken) {
		err = errInvalidNextToken(textNextToken)
	}
	if err != nil {
		return operation.Page[*secrets.Secret]{}, err
	}
	filters, err := compileFilters(l.filters)
	if err != nil {
		return operation.Page[*secrets.Secret]{}, err
	}
	var items []operation.Keyed[*secrets.Secret]
	err = secrets.All(c, func(s *secrets.Secret) error {
		if s.IsDeleted() && !l.deleted {
			return nil
		}
		tags, err := c.Tx.Tags(s.ARN())
		if err == nil && filters.match(s, tags) {
			items = append(items, operation.Keyed[*secrets.Secret]{Key: sm.sortKey(s, l.by), Item: s})
		}
		return err
	})
	if err != nil {
		return operation.Page[*secrets.Secret]{}, err
	}
	order := func(a, b string) int {
		if l.descend {
			a, b = b, a
		}
		return cmp.Compare(a, b)
	}
	slices.SortFunc(items, func(a, b operation.Keyed[*secrets.Secret]) int { return order(a.Key, b.Key) })
	if l.asked != nil {
		l.limit = *l.asked
	}
	return operation.Paginate(op, l.limit, func(yield func(operation.Keyed[*secrets.Secret], error) bool) {
		for _, item := range items {
			if (after == "" || order(item.Key, after) > 0) && !yield(item, nil) {
				return
			}
		}
	})
}

// sortKey returns the text by which secrets are sorted. The ARN orders equal texts.
func (sm *secretsManager) sortKey(s *secrets.Secret, by SortByType) string {
	at := s.CreatedAt()
	switch by {
	case SortByTypeName:
		return s.Name() + "\x00" + s.ARN()
	case SortByTypeLastChangedDate:
		at = s.ChangedAt
	case SortByTypeLastAccessedDate:
		at = time.UnixMicro(0)
		if day := sm.accessed.last(s.ARN(), ""); day != nil {
			at = *day
		}
	}
	return fmt.Sprintf("%020d %s", at.UnixMicro(), s.ARN())
}
