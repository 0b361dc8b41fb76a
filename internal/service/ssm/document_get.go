package ssm

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

func (s ssm) getDocument(c *operation.Call, in *GetDocumentInput) (*GetDocumentOutput, error) {
	d, v, err := readVisible(c, in.Name, in.DocumentVersion, in.VersionName)
	if err != nil {
		return nil, err
	}
	format := DocumentFormatJson
	if v.Format == DocumentFormatText {
		format = v.Format
	}
	set(&format, in.DocumentFormat)
	text, err := d.content(c, v.Number)
	if err == nil {
		text, err = convert(text, v.Format, format)
	}
	if err != nil {
		return nil, err
	}
	return &GetDocumentOutput{
		Name: new(d.reference(c)), CreatedDate: timestamp(v.CreatedAt), DisplayName: optional(d.DisplayName), VersionName: optional(v.Name),
		DocumentVersion: new(strconv.Itoa(v.Number)), Status: new(DocumentStatusActive), Content: &text, DocumentType: &d.Type,
		DocumentFormat: &format, Requires: d.Requires,
	}, nil
}

// readVisible returns a version of a document that the caller may read: of another account's document, a shared
// version.
func readVisible(c *operation.Call, name string, number, versionName *string) (*document, *documentVersion, error) {
	d, err := findDocument(c, name)
	if err != nil {
		return nil, nil, err
	}
	v, err := d.selected(number, versionName)
	if err == nil && !d.shows(c.Account(), v) {
		err = noDocument()
	}
	return d, v, err
}

func (s ssm) describeDocument(c *operation.Call, in *DescribeDocumentInput) (*DescribeDocumentOutput, error) {
	d, v, err := readVisible(c, in.Name, in.DocumentVersion, in.VersionName)
	if err != nil {
		return nil, err
	}
	out, err := d.describe(c, v, DocumentStatusActive)
	return &DescribeDocumentOutput{Document: out}, err
}

// listDocumentVersions lists the versions that the caller may read, newest first.
func (s ssm) listDocumentVersions(c *operation.Call, in *ListDocumentVersionsInput) (*ListDocumentVersionsOutput, error) {
	d, err := findDocument(c, in.Name)
	if err != nil {
		return nil, err
	}
	after, err := afterToken(apiListDocumentVersions.Name, in.NextToken)
	if err != nil {
		return nil, err
	}
	limit := maxHistory
	set(&limit, in.MaxResults)
	before, err := strconv.Atoi(cmp.Or(after, strconv.Itoa(d.Made+1)))
	if err != nil {
		return nil, errInvalidNextToken("%s", textNextToken)
	}
	page, err := operation.Paginate(apiListDocumentVersions.Name, limit, func(yield func(operation.Keyed[documentVersion], error) bool) {
		for _, v := range slices.Backward(d.Versions) {
			if v.Number < before && d.shows(c.Account(), &v) && !yield(operation.Keyed[documentVersion]{Key: strconv.Itoa(v.Number), Item: v}, nil) {
				return
			}
		}
	})
	if err != nil {
		return nil, err
	}
	out := &ListDocumentVersionsOutput{DocumentVersions: []DocumentVersionInfo{}, NextToken: page.Next}
	for _, v := range page.Items {
		out.DocumentVersions = append(out.DocumentVersions, DocumentVersionInfo{
			Name: new(d.reference(c)), DisplayName: optional(d.DisplayName), DocumentVersion: new(strconv.Itoa(v.Number)), VersionName: optional(v.Name),
			CreatedDate: timestamp(v.CreatedAt), IsDefaultVersion: new(v.Number == d.Default), DocumentFormat: &v.Format, Status: new(DocumentStatusActive),
		})
	}
	return out, nil
}

// documentFilter selects documents by one of their properties.
type documentFilter struct {
	key    string
	values []string
}

// The filter keys of documents, except for tags.
const (
	ownerKey    = "Owner"
	platformKey = "PlatformTypes"
	typeKey     = "DocumentType"
	targetKey   = "TargetType"
	searchKey   = "SearchKeyword"
)

// documentFilters returns the filters of a request, in their current or their old form.
func documentFilters(in *ListDocumentsInput) ([]documentFilter, error) {
	var list []documentFilter
	for _, f := range in.DocumentFilterList {
		list = append(list, documentFilter{string(f.Key), []string{f.Value}})
	}
	for _, f := range in.Filters {
		key := ""
		set(&key, f.Key)
		list = append(list, documentFilter{key, f.Values})
	}
	for _, f := range list {
		if !slices.Contains([]string{ownerKey, nameFilter, platformKey, typeKey, targetKey, searchKey}, f.key) && !strings.HasPrefix(f.key, tagFilter) {
			return nil, errInvalidFilterKey("The specified filter key %s isn't valid.", f.key)
		}
	}
	return list, nil
}

// matches reports whether a document is selected.
func (f documentFilter) matches(c *operation.Call, d *document) (bool, error) {
	if key, found := strings.CutPrefix(f.key, tagFilter); found {
		if d.row.Account != c.Account() { // the caller may not query the tags of another account
			return false, nil
		}
		tags, err := c.Tx.Tags(d.arn())
		value, has := tags[key]
		return has && slices.Contains(f.values, value), err
	}
	return slices.ContainsFunc(f.values, func(value string) bool {
		switch f.key {
		case ownerKey:
			return d.isOf(c, value)
		case nameFilter, searchKey: // a prefix of the name
			return strings.HasPrefix(d.name(), value)
		case typeKey:
			return string(d.Type) == value
		case targetKey:
			return d.TargetType == value
		}
		return slices.Contains(platforms(), PlatformType(value))
	}), nil
}

// isOf reports whether a document matches a value of the filter key Owner.
func (d *document) isOf(c *operation.Call, owner string) bool {
	own := d.row.Account == c.Account()
	switch owner {
	case "Self":
		return own
	case "Private":
		return own || d.sharedWith(c.Account()) != nil
	case "Public":
		return d.sharedWith(everyone) != nil
	}
	return owner == "All"
}

// listDocuments lists the caller's own documents, and those that others share with it, ordered by ARN. There
// are none of Amazon.
func (s ssm) listDocuments(c *operation.Call, in *ListDocumentsInput) (*ListDocumentsOutput, error) {
	filters, err := documentFilters(in)
	if err != nil {
		return nil, err
	}
	after, err := afterToken(apiListDocuments.Name, in.NextToken)
	if err != nil {
		return nil, err
	}
	all, err := visibleDocuments(c)
	if err != nil {
		return nil, err
	}
	limit := maxHistory
	set(&limit, in.MaxResults)
	page, err := operation.Paginate(apiListDocuments.Name, limit, func(yield func(operation.Keyed[*document], error) bool) {
		for _, d := range all {
			if d.arn() <= after {
				continue
			}
			match, err := allMatch(c, filters, d)
			if err != nil || match {
				if !yield(operation.Keyed[*document]{Key: d.arn(), Item: d}, err) {
					return
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	out := &ListDocumentsOutput{DocumentIdentifiers: []DocumentIdentifier{}, NextToken: page.Next}
	for _, d := range page.Items {
		entry, err := d.identify(c)
		if err != nil {
			return nil, err
		}
		out.DocumentIdentifiers = append(out.DocumentIdentifiers, entry)
	}
	return out, nil
}

func allMatch(c *operation.Call, filters []documentFilter, d *document) (bool, error) {
	for _, f := range filters {
		if match, err := f.matches(c, d); err != nil || !match {
			return false, err
		}
	}
	return true, nil
}

// visibleDocuments returns the caller's own documents and those that are shared with it, ordered by ARN.
func visibleDocuments(c *operation.Call) ([]*document, error) {
	var list []*document
	for r, err := range c.Tx.Resources(store.Query{Service: api.Name, Type: documentType, Account: c.Account(), Prefix: arnPrefix(c) + documentType + "/"}) {
		if err != nil {
			return nil, err
		}
		d, err := decodeDocument(r)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	for _, consumer := range []string{c.Account(), everyone} {
		arns, err := c.Tx.ReferencedBy(consumerKey(consumer), 0)
		if err != nil {
			return nil, err
		}
		for _, text := range arns {
			if a, err := arn.Parse(text); err != nil || a.Account == c.Account() {
				continue
			}
			d, err := readDocument(c, text)
			switch {
			case err == nil:
				list = append(list, d)
			case !errors.Is(err, store.ErrNotFound): // in another region
				return nil, err
			}
		}
	}
	slices.SortFunc(list, func(a, b *document) int { return strings.Compare(a.arn(), b.arn()) })
	return slices.CompactFunc(list, func(a, b *document) bool { return a.arn() == b.arn() }), nil
}

// identify returns the list entry of a document.
func (d *document) identify(c *operation.Call) (DocumentIdentifier, error) {
	v := d.version(d.Default)
	full, err := d.describe(c, v, DocumentStatusActive)
	if err != nil {
		return DocumentIdentifier{}, err
	}
	return DocumentIdentifier{
		Name: full.Name, CreatedDate: full.CreatedDate, DisplayName: full.DisplayName, Owner: full.Owner, VersionName: full.VersionName,
		PlatformTypes: full.PlatformTypes, DocumentVersion: full.DocumentVersion, DocumentType: full.DocumentType, SchemaVersion: full.SchemaVersion,
		DocumentFormat: full.DocumentFormat, TargetType: full.TargetType, Tags: full.Tags, Requires: full.Requires,
	}, nil
}
