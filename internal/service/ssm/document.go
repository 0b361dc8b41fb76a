package ssm

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// The types of rows that make up documents.
const (
	documentType = "document"
	contentType  = "document-content"
)

// The keywords for versions of a document in requests.
const (
	latestVersion  = "$LATEST"
	defaultVersion = "$DEFAULT"
	allVersions    = "$ALL"
)

// document is the stored state of a document in the row at its ARN. The contents of its versions have their
// own rows.
type document struct {
	Type        DocumentType
	TargetType  string             `json:",omitempty"`
	DisplayName string             `json:",omitempty"`
	Requires    []DocumentRequires `json:",omitempty"`
	Default     int                // the number of the default version
	Made        int                // number of versions ever created: numbers are not reused
	Versions    []documentVersion  // oldest first
	Shares      []documentShare    `json:",omitempty"` // in order of creation

	row store.Resource
}

// documentVersion is one version of a document.
type documentVersion struct {
	Number    int
	Name      string         `json:",omitempty"`
	Format    DocumentFormat // as it was put
	Hash      string         // SHA-256 of the content as put, in hexadecimal digits
	CreatedAt time.Time
}

// documentShare defines which versions another account may read.
type documentShare struct {
	Account string // or "all"
	Version string // defaultVersion, latestVersion or allVersions
}

func (d *document) arn() string  { return d.row.ARN }
func (d *document) name() string { return d.row.Name }

// latest returns the newest version.
func (d *document) latest() *documentVersion { return &d.Versions[len(d.Versions)-1] }

// version returns the version with a number, or nil if there is none.
func (d *document) version(number int) *documentVersion {
	i := slices.IndexFunc(d.Versions, func(v documentVersion) bool { return v.Number == number })
	if i < 0 {
		return nil
	}
	return &d.Versions[i]
}

// selected returns the version that a request selects, by number or keyword and by name; by default the
// default version. The error is an InvalidDocumentVersion, or an InvalidDocument for a number that never
// existed.
func (d *document) selected(number, name *string) (*documentVersion, error) {
	var v *documentVersion
	switch {
	case number == nil && name != nil:
		if i := slices.IndexFunc(d.Versions, func(v documentVersion) bool { return v.Name == *name }); i >= 0 {
			return &d.Versions[i], nil
		}
		return nil, noDocument()
	case number == nil || *number == defaultVersion:
		v = d.version(d.Default)
	case *number == latestVersion:
		v = d.latest()
	default:
		n, err := strconv.Atoi(*number)
		if err != nil {
			return nil, noDocument()
		}
		v = d.version(n)
	}
	if v == nil || name != nil && v.Name != *name {
		return nil, noDocument()
	}
	return v, nil
}

// noDocument returns the error for a document, or a version of one, that does not exist.
func noDocument() error { return errInvalidDocument("The specified document does not exist.") }

// noDocumentVersion returns the error of operations that change a nonexistent version.
func noDocumentVersion() error {
	return errInvalidDocumentVersion("The document version is not valid or does not exist.")
}

// documentARN returns the ARN of a document in a request: a name means the caller's own document, an ARN that
// of any account.
func documentARN(c *operation.Call, name string) string {
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	return arnPrefix(c) + documentType + "/" + name
}

func contentARN(document string, number int) string { return document + ":" + strconv.Itoa(number) }

// onDocument returns the target of an operation on a document, including its shares.
func onDocument[In any](member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) { return documentTarget(c, member(in)) }
}

// documentTarget returns a document as the gate's target: its type is a condition key, and its shares let
// other accounts read it.
func documentTarget(c *operation.Call, name string) (authz.Target, error) {
	t := authz.Target{ARN: documentARN(c, name)}
	d, err := readDocument(c, t.ARN)
	if errors.Is(err, store.ErrNotFound) {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	t.Keys = map[string][]string{"ssm:DocumentType": {string(d.Type)}}
	t.ResourcePolicies = d.sharePolicies()
	return t, nil
}

// readDocument reads the document at an ARN. It returns store.ErrNotFound if there is none in the region.
func readDocument(c *operation.Call, text string) (*document, error) {
	a, err := arn.Parse(text)
	if err != nil || a.Region != c.Region || a.Service != api.Name {
		return nil, fmt.Errorf("read document %s: %w", text, store.ErrNotFound)
	}
	r, err := c.Tx.Resource(text)
	if err != nil {
		return nil, err
	}
	if r.Service != api.Name || r.Type != documentType {
		return nil, fmt.Errorf("read document %s: %w", text, store.ErrNotFound)
	}
	return decodeDocument(r)
}

func decodeDocument(r store.Resource) (*document, error) {
	d, err := operation.Decode[document](r)
	if err != nil {
		return nil, err
	}
	d.row = r
	return d, nil
}

// findDocument is readDocument for a handler. It returns an InvalidDocument if there is none.
func findDocument(c *operation.Call, name string) (*document, error) {
	d, err := readDocument(c, documentARN(c, name))
	if errors.Is(err, store.ErrNotFound) {
		err = noDocument()
	}
	return d, err
}

// ownDocument returns an error unless a name is that of a document of the caller's account.
func ownDocument(c *operation.Call, name string) error {
	d, err := findDocument(c, name)
	if err == nil && d.row.Account != c.Account() {
		err = noDocument()
	}
	return err
}

// write stores the document, with references from the accounts that it is shared with.
func (d *document) write(c *operation.Call) error {
	r, err := operation.Record(c, d.row, d)
	if err != nil {
		return err
	}
	d.row = r
	if err := c.Tx.PutResource(r); err != nil {
		return err
	}
	var consumers []string
	for _, s := range d.Shares {
		consumers = append(consumers, consumerKey(s.Account))
	}
	return c.Tx.SetReferences(d.arn(), consumers)
}

// putContent stores the content of a version.
func (d *document) putContent(c *operation.Call, number int, text string) error {
	r, err := operation.Record(c, store.Resource{
		ARN: contentARN(d.arn(), number), Service: api.Name, Type: contentType, Account: d.row.Account, Region: d.row.Region, Name: d.name(),
	}, text)
	if err != nil {
		return err
	}
	return c.Tx.PutResource(r)
}

// content returns the content of a version, as it was put.
func (d *document) content(c *operation.Call, number int) (string, error) {
	r, err := c.Tx.Resource(contentARN(d.arn(), number))
	if err != nil {
		return "", err
	}
	text, err := operation.Decode[string](r)
	if err != nil {
		return "", err
	}
	return *text, nil
}

// removeVersion removes a version and its content.
func (d *document) removeVersion(c *operation.Call, number int) error {
	d.Versions = slices.DeleteFunc(d.Versions, func(v documentVersion) bool { return v.Number == number })
	return c.Tx.DeleteResource(contentARN(d.arn(), number))
}

// describe returns the description of a version of a document.
func (d *document) describe(c *operation.Call, v *documentVersion, status DocumentStatus) (*DocumentDescription, error) {
	text, err := d.content(c, v.Number)
	if err != nil {
		return nil, err
	}
	outline, err := parseDocument(text, v.Format)
	if err != nil {
		return nil, fmt.Errorf("describe %s: %w", d.arn(), err)
	}
	tags, err := tagList(c, d.arn())
	if err != nil {
		return nil, err
	}
	return &DocumentDescription{
		Name: new(d.reference(c)), DisplayName: optional(d.DisplayName), VersionName: optional(v.Name), Owner: &d.row.Account,
		Hash: &v.Hash, HashType: new(DocumentHashTypeSha256), CreatedDate: timestamp(v.CreatedAt), Status: &status,
		DocumentVersion: new(strconv.Itoa(v.Number)), LatestVersion: new(strconv.Itoa(d.latest().Number)), DefaultVersion: new(strconv.Itoa(d.Default)),
		Description: optional(outline.description), Parameters: outline.parameters, PlatformTypes: platforms(), DocumentType: &d.Type,
		SchemaVersion: optional(outline.schema), DocumentFormat: &v.Format, TargetType: optional(d.TargetType), Tags: tags, Requires: d.Requires,
	}, nil
}

// reference returns the name by which the caller refers to the document: for its own document the short name.
func (d *document) reference(c *operation.Call) string {
	if d.row.Account == c.Account() {
		return d.name()
	}
	return d.arn()
}

// platforms returns all platforms: Writ does not run documents and does not distinguish platforms.
func platforms() []PlatformType {
	return []PlatformType{PlatformTypeWindows, PlatformTypeLinux, PlatformTypeMacOS}
}
