package ssm

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// https://docs.aws.amazon.com/general/latest/gr/ssm.html#limits_ssm
const (
	maxDocuments        = 500
	maxDocumentVersions = 1000
)

// createDocumentTarget returns the target of CreateDocument.
func (s ssm) createDocumentTarget(c *operation.Call, in *CreateDocumentInput) (authz.Target, error) {
	return authz.Target{ARN: documentARN(c, in.Name), RequestTags: tagMap(in.Tags), Keys: map[string][]string{
		"ssm:DocumentType": {string(typeOf(in))},
	}}, nil
}

func typeOf(in *CreateDocumentInput) DocumentType {
	typ := DocumentTypeCommand
	set(&typ, in.DocumentType)
	return typ
}

// reservedNames lists the name prefixes of Amazon's documents.
var reservedNames = []string{"aws", "amazon", "amzn"}

// createDocument reports that the document is being created, as AWS does; it exists immediately.
func (s ssm) createDocument(c *operation.Call, in *CreateDocumentInput) (*CreateDocumentOutput, error) {
	if slices.ContainsFunc(reservedNames, func(p string) bool { return strings.HasPrefix(strings.ToLower(in.Name), p) }) {
		return nil, notValid("The document name can't be prefixed with aws, amazon or amzn (case-insensitive): %s.", in.Name)
	}
	tags, err := newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	d := &document{Type: typeOf(in), Default: 1, Requires: in.Requires, row: store.Resource{
		ARN: documentARN(c, in.Name), Service: api.Name, Type: documentType, Account: c.Account(), Region: c.Region, Name: in.Name,
	}}
	set(&d.TargetType, in.TargetType)
	set(&d.DisplayName, in.DisplayName)
	if len(tags) > 0 {
		if err := c.Authorize("ssm:AddTagsToResource", authz.Target{ARN: d.arn(), RequestTags: tags}); err != nil {
			return nil, err
		}
	}
	switch _, err := readDocument(c, d.arn()); {
	case err == nil:
		return nil, errDocumentAlreadyExists("The specified document already exists.")
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	}
	if err := checkDocumentCount(c); err != nil {
		return nil, err
	}
	v, err := d.add(c, in.Content, in.DocumentFormat, in.VersionName)
	if err != nil {
		return nil, err
	}
	if err := operation.SetTags(c, d.arn(), tags, notValid); err != nil {
		return nil, err
	}
	out, err := d.describe(c, v, DocumentStatusCreating)
	return &CreateDocumentOutput{DocumentDescription: out}, err
}

func checkDocumentCount(c *operation.Call) error {
	n := 0
	for _, err := range c.Tx.Resources(store.Query{Service: api.Name, Type: documentType, Account: c.Account(), Prefix: arnPrefix(c) + documentType + "/"}) {
		if err != nil {
			return err
		}
		if n++; n >= maxDocuments {
			return errDocumentLimitExceeded("You can have at most %d active SSM documents.", maxDocuments)
		}
	}
	return nil
}

// add creates a new version of the document, and stores both.
func (d *document) add(c *operation.Call, content string, format *DocumentFormat, name *string) (*documentVersion, error) {
	hash := sha256.Sum256([]byte(content))
	v := documentVersion{Number: d.Made + 1, Format: DocumentFormatJson, Hash: hex.EncodeToString(hash[:]), CreatedAt: c.Now}
	set(&v.Format, format)
	set(&v.Name, name)
	if err := checkContent(d.Type, v.Format, content); err != nil {
		return nil, err
	}
	for _, other := range d.Versions {
		switch {
		case other.Hash == v.Hash:
			return nil, errDuplicateDocumentContent("The content of the association document matches another document. Change the content of the document and try again.")
		case v.Name != "" && other.Name == v.Name:
			return nil, errDuplicateDocumentVersionName("The specified version name is a duplicate.")
		}
	}
	if len(d.Versions) >= maxDocumentVersions {
		return nil, errDocumentVersionLimitExceeded("The document has too many versions. Delete one or more document versions and try again.")
	}
	d.Versions, d.Made = append(d.Versions, v), v.Number
	if err := d.putContent(c, v.Number, content); err != nil {
		return nil, err
	}
	return d.latest(), d.write(c)
}

// updateDocument adds a version based on the version in the request. The default version does not change.
func (s ssm) updateDocument(c *operation.Call, in *UpdateDocumentInput) (*UpdateDocumentOutput, error) {
	d, err := findDocument(c, in.Name)
	if err != nil {
		return nil, err
	}
	if in.DocumentVersion != nil {
		if _, err := d.selected(in.DocumentVersion, nil); err != nil {
			return nil, noDocumentVersion()
		}
	}
	set(&d.TargetType, in.TargetType)
	set(&d.DisplayName, in.DisplayName)
	v, err := d.add(c, in.Content, in.DocumentFormat, in.VersionName)
	if err != nil {
		return nil, err
	}
	out, err := d.describe(c, v, DocumentStatusUpdating)
	return &UpdateDocumentOutput{DocumentDescription: out}, err
}

func (s ssm) updateDocumentDefaultVersion(c *operation.Call, in *UpdateDocumentDefaultVersionInput) (*UpdateDocumentDefaultVersionOutput, error) {
	d, err := findDocument(c, in.Name)
	if err != nil {
		return nil, err
	}
	v, err := d.selected(&in.DocumentVersion, nil)
	if err != nil {
		return nil, noDocumentVersion()
	}
	d.Default = v.Number
	return &UpdateDocumentDefaultVersionOutput{Description: &DocumentDefaultVersionDescription{
		Name: new(d.name()), DefaultVersion: new(strconv.Itoa(v.Number)), DefaultVersionName: optional(v.Name),
	}}, d.write(c)
}

// deleteDocument deletes one version, or the document with all versions. A shared document cannot be deleted.
func (s ssm) deleteDocument(c *operation.Call, in *DeleteDocumentInput) (*DeleteDocumentOutput, error) {
	d, err := findDocument(c, in.Name)
	if err != nil {
		return nil, err
	}
	if in.DocumentVersion != nil || in.VersionName != nil {
		v, err := d.selected(in.DocumentVersion, in.VersionName)
		switch {
		case err != nil:
			return nil, err
		case v.Number == d.Default:
			return nil, errInvalidDocumentOperation("Default version of the document can't be deleted.")
		}
		if err := d.removeVersion(c, v.Number); err != nil {
			return nil, err
		}
		return &DeleteDocumentOutput{}, d.write(c)
	}
	if len(d.Shares) > 0 {
		return nil, errInvalidDocumentOperation("You attempted to delete a document while it is still shared. You must stop sharing the document before you can delete it.")
	}
	for _, v := range slices.Clone(d.Versions) {
		if err := d.removeVersion(c, v.Number); err != nil {
			return nil, err
		}
	}
	return &DeleteDocumentOutput{}, c.Tx.DeleteResource(d.arn())
}
