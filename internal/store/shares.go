package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ShareRows is the row of a share with the rows that belong to it.
type ShareRows struct {
	Share        Resource
	Associations []Association // by Kind and Entity
	Referenced   []Referenced  // by ARN
}

// Referenced is a row that a share refers to, such as a permission.
type Referenced struct {
	Resource
	Shared bool // another row refers to it, too
}

// SharesByReference returns the shares that refer to a key, with their associations,
// ordered by ARN.
func (tx *Tx) SharesByReference(key string) ([]ShareRows, error) {
	arns, err := tx.ReferencedBy(key, 0)
	if err != nil || len(arns) == 0 {
		return nil, err
	}
	return tx.Shares(arns)
}

// Shares returns shares by their ARNs, with their associations, ordered by ARN. Shares
// that do not exist are omitted.
func (tx *Tx) Shares(arns []string) ([]ShareRows, error) {
	associations, err := tx.associationsIn(`share IN (`, arns)
	if err != nil {
		return nil, err
	}
	return tx.joinShareRows(arns, associations)
}

// SharesByResources returns the shares that contain any of the given resources: with all
// their principals and sources, but only the given resources.
func (tx *Tx) SharesByResources(resources []string) ([]ShareRows, error) {
	holding, err := tx.associationsIn(`kind = 'RESOURCE' AND entity IN (`, resources)
	if err != nil || len(holding) == 0 {
		return nil, err
	}
	var arns []string
	for _, a := range holding {
		arns = append(arns, a.Share)
	}
	slices.Sort(arns)
	arns = slices.Compact(arns)
	others, err := tx.associationsIn(`kind IN ('PRINCIPAL', 'SOURCE') AND share IN (`, arns)
	if err != nil {
		return nil, err
	}
	return tx.joinShareRows(arns, slices.Concat(others, holding))
}

// PoliciesBySource returns the policies of a source on several ARNs, by ARN and Name.
func (tx *Tx) PoliciesBySource(source string, arns []string) ([]Policy, error) {
	return inChunks(arns, func(chunk []string) ([]Policy, error) {
		args := append([]any{source}, toAny(chunk)...)
		return queryAll(tx, func(r row) (p Policy, err error) {
			var created, updated int64
			p.Source = source
			err = r.Scan(&p.ARN, &p.Name, &p.Document, &p.Revision, &created, &updated)
			p.CreatedAt, p.UpdatedAt = fromMicros(created), fromMicros(updated)
			return p, err
		}, `SELECT arn, name, document, revision, created_at, updated_at FROM policies WHERE source = $1 AND arn IN (`+
			placeholders(2, len(chunk))+`) ORDER BY arn, name`, args...)
	})
}

// joinShareRows reads the rows of shares and the rows that they refer to, and joins them
// with the associations.
func (tx *Tx) joinShareRows(arns []string, associations []Association) ([]ShareRows, error) {
	rows, err := tx.resourcesIn(arns)
	if err != nil {
		return nil, err
	}
	referenced, err := tx.referencedBy(arns)
	if err != nil {
		return nil, err
	}
	list := make([]ShareRows, len(rows))
	at := make(map[string]*ShareRows, len(rows))
	for i, r := range rows {
		list[i].Share = r
		at[r.ARN] = &list[i]
	}
	for _, a := range associations {
		if s := at[a.Share]; s != nil {
			s.Associations = append(s.Associations, a)
		}
	}
	for _, r := range referenced {
		if s := at[r.from]; s != nil {
			s.Referenced = append(s.Referenced, r.Referenced)
		}
	}
	return list, nil
}

func (tx *Tx) associationsIn(where string, values []string) ([]Association, error) {
	list, err := inChunks(values, func(chunk []string) ([]Association, error) {
		return queryAll(tx, scanAssociation, `SELECT share, kind, entity, consumer, account, region, status, data, created_at, updated_at FROM share_associations WHERE `+
			where+placeholders(1, len(chunk))+`) ORDER BY share, kind, entity`, toAny(chunk)...)
	})
	if err != nil {
		return nil, fmt.Errorf("read associations: %w", err)
	}
	return list, nil
}

func (tx *Tx) resourcesIn(arns []string) ([]Resource, error) {
	list, err := inChunks(arns, func(chunk []string) ([]Resource, error) {
		return queryAll(tx, scanResource, `SELECT arn, service, type, account, region, name, data, created_at, updated_at FROM resources WHERE arn IN (`+
			placeholders(1, len(chunk))+`) ORDER BY arn`, toAny(chunk)...)
	})
	if err != nil {
		return nil, fmt.Errorf("read shares: %w", err)
	}
	return list, nil
}

// reference is a row and a row that refers to it.
type reference struct {
	from string
	Referenced
}

func (tx *Tx) referencedBy(arns []string) ([]reference, error) {
	list, err := inChunks(arns, func(chunk []string) ([]reference, error) {
		return queryAll(tx, func(from row) (r reference, err error) {
			var others, created, updated int64
			err = from.Scan(&r.from, &others, &r.ARN, &r.Service, &r.Type, &r.Account, &r.Region, &r.Name, &r.Data, &created, &updated)
			r.Shared, r.CreatedAt, r.UpdatedAt = others > 0, fromMicros(created), fromMicros(updated)
			return r, err
		}, `SELECT d.from_arn, (SELECT COUNT(*) FROM dependencies o WHERE o.to_arn = d.to_arn AND o.from_arn <> d.from_arn),
			r.arn, r.service, r.type, r.account, r.region, r.name, r.data, r.created_at, r.updated_at
			FROM dependencies d JOIN resources r ON r.arn = d.to_arn WHERE d.from_arn IN (`+placeholders(1, len(chunk))+`) ORDER BY d.from_arn, r.arn`, toAny(chunk)...)
	})
	if err != nil {
		return nil, fmt.Errorf("read what shares refer to: %w", err)
	}
	return list, nil
}

// chunkSize limits the number of values in one statement.
const chunkSize = 500

// inChunks calls read with parts of the values.
func inChunks[T any](values []string, read func(chunk []string) ([]T, error)) ([]T, error) {
	var list []T
	for chunk := range slices.Chunk(values, chunkSize) {
		part, err := read(chunk)
		if err != nil {
			return nil, err
		}
		list = append(list, part...)
	}
	return list, nil
}

// placeholders returns "$2, $3": n parameters from a number.
func placeholders(from, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = "$" + strconv.Itoa(from+i)
	}
	return strings.Join(list, ", ")
}

func toAny(values []string) []any {
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = v
	}
	return list
}
