package ssm_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/writdev/writ/writtest"
)

// The error codes that most document tests expect.
const (
	invalidDocument = "InvalidDocument"
	invalidVersion  = "InvalidDocumentVersion"
	invalidContent  = "InvalidDocumentContent"
)

const noSuchDocument = "The specified document does not exist."

// greeting returns the content of a document that echoes a word.
func greeting(word string) string {
	return `{"schemaVersion":"2.2","description":"Says ` + word + `.","parameters":{"who":{"type":"String","description":"Whom to greet.","default":"world"},` +
		`"words":{"type":"StringList","default":["` + word + `"]},"bare":{"type":"Boolean"}},"mainSteps":[{"action":"aws:runShellScript","name":"say","inputs":{"runCommand":["echo ` + word + ` > out && true"]}}]}`
}

func (c client) createDocument(name, content string, change ...func(*ssm.CreateDocumentInput)) *types.DocumentDescription {
	c.t.Helper()
	out, err := c.tryCreateDocument(name, content, change...)
	ok(c.t, err)
	return out.DocumentDescription
}

func (c client) tryCreateDocument(name, content string, change ...func(*ssm.CreateDocumentInput)) (*ssm.CreateDocumentOutput, error) {
	in := &ssm.CreateDocumentInput{Name: &name, Content: &content, DocumentType: types.DocumentTypeCommand}
	for _, f := range change {
		f(in)
	}
	return c.CreateDocument(ctx, in)
}

func inFormat(f types.DocumentFormat) func(*ssm.CreateDocumentInput) {
	return func(in *ssm.CreateDocumentInput) { in.DocumentFormat = f }
}

func ofType(typ types.DocumentType) func(*ssm.CreateDocumentInput) {
	return func(in *ssm.CreateDocumentInput) { in.DocumentType = typ }
}

func (c client) updateDocument(name, content string, change ...func(*ssm.UpdateDocumentInput)) (*types.DocumentDescription, error) {
	in := &ssm.UpdateDocumentInput{Name: &name, Content: &content, DocumentVersion: new("$LATEST")}
	for _, f := range change {
		f(in)
	}
	out, err := c.UpdateDocument(ctx, in)
	if err != nil {
		return nil, err
	}
	return out.DocumentDescription, nil
}

// readDocument reads a version of a document; "" means the default version.
func (c client) readDocument(name, version string) (*ssm.GetDocumentOutput, error) {
	in := &ssm.GetDocumentInput{Name: &name}
	if version != "" {
		in.DocumentVersion = &version
	}
	return c.GetDocument(ctx, in)
}

func (c client) deleteDocument(name string) error {
	_, err := c.DeleteDocument(ctx, &ssm.DeleteDocumentInput{Name: &name})
	return err
}

// documentVersions returns the versions of a document in the order of the list, with the default one marked.
func (c client) documentVersions(name string) string {
	c.t.Helper()
	var list []string
	in := &ssm.ListDocumentVersionsInput{Name: &name, MaxResults: new(int32(1))}
	for p := ssm.NewListDocumentVersionsPaginator(c, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		ok(c.t, err)
		for _, v := range page.DocumentVersions {
			text := *v.DocumentVersion
			if v.IsDefaultVersion {
				text += "*"
			}
			list = append(list, text)
		}
	}
	return strings.Join(list, " ")
}

func documentARN(account, name string) string { return arnOf(account, "document/"+name) }

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// TestDocument: what a new document answers, and what reading it does.
func TestDocument(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	got := c.createDocument("greet", greeting("hello"), func(in *ssm.CreateDocumentInput) {
		in.VersionName, in.DisplayName, in.TargetType = new("first"), new("Greeting"), new("/AWS::EC2::Instance")
		in.Tags = []types.Tag{{Key: new("team"), Value: new("red")}}
	})
	want := &types.DocumentDescription{
		Name: new("greet"), DisplayName: new("Greeting"), VersionName: new("first"), Owner: new(alice), HashType: types.DocumentHashTypeSha256,
		Hash: new(hash(greeting("hello"))), Status: types.DocumentStatusCreating, DocumentVersion: new("1"), LatestVersion: new("1"), DefaultVersion: new("1"),
		Description: new("Says hello."), PlatformTypes: []types.PlatformType{types.PlatformTypeWindows, types.PlatformTypeLinux, types.PlatformTypeMacos},
		DocumentType: types.DocumentTypeCommand, SchemaVersion: new("2.2"), DocumentFormat: types.DocumentFormatJson, TargetType: new("/AWS::EC2::Instance"),
		Tags: []types.Tag{{Key: new("team"), Value: new("red")}},
		Parameters: []types.DocumentParameter{
			{Name: new("who"), Type: "String", Description: new("Whom to greet."), DefaultValue: new("world")},
			{Name: new("words"), Type: "StringList", DefaultValue: new(`["hello"]`)},
			{Name: new("bare"), Type: "Boolean"},
		},
	}
	options := []cmp.Option{cmpopts.IgnoreUnexported(types.DocumentDescription{}, types.DocumentParameter{}, types.Tag{}), cmpopts.IgnoreFields(types.DocumentDescription{}, "CreatedDate")}
	if diff := cmp.Diff(want, got, options...); diff != "" {
		t.Errorf("CreateDocument (-want +got):\n%s", diff)
	}
	described, err := c.DescribeDocument(ctx, &ssm.DescribeDocumentInput{Name: new("greet")})
	ok(t, err)
	want.Status = types.DocumentStatusActive
	if diff := cmp.Diff(want, described.Document, options...); diff != "" {
		t.Errorf("DescribeDocument (-want +got):\n%s", diff)
	}
	read, err := c.readDocument("greet", "")
	ok(t, err)
	if *read.Content != greeting("hello") || read.DocumentFormat != types.DocumentFormatJson || read.Status != types.DocumentStatusActive || *read.VersionName != "first" {
		t.Errorf("GetDocument %+v", read)
	}
	if _, err := c.readDocument(documentARN(alice, "greet"), ""); err != nil {
		t.Error(err)
	}

	_, err = c.tryCreateDocument("greet", greeting("other"))
	wantError(t, err, "DocumentAlreadyExists", "The specified document already exists.")
	_, err = c.readDocument("none", "")
	wantError(t, err, invalidDocument, noSuchDocument)
	wantError(t, c.deleteDocument("none"), invalidDocument, noSuchDocument)
	for _, name := range []string{"aws-greet", "Amazon_greet", "amzn.greet", "ab"} {
		_, err = c.tryCreateDocument(name, greeting("hello"))
		wantCode(t, err, validation)
	}
	ok(t, c.deleteDocument("greet"))
	_, err = c.readDocument("greet", "")
	wantCode(t, err, invalidDocument)
	if got := c.createDocument("greet", greeting("hello")); *got.DocumentVersion != "1" || len(got.Tags) > 0 {
		t.Errorf("made again: %+v", got)
	}
}

// TestDocumentContent checks that a content must match its format and a schema of its type.
func TestDocumentContent(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	for _, test := range []struct {
		content string
		format  types.DocumentFormat
		typ     types.DocumentType
		code    string
	}{
		{"hello", types.DocumentFormatJson, types.DocumentTypeCommand, invalidContent},
		{`["2.2"]`, types.DocumentFormatJson, types.DocumentTypeCommand, invalidContent},
		{`{}`, types.DocumentFormatJson, types.DocumentTypeCommand, invalidContent},
		{"schemaVersion: '2.2'", types.DocumentFormatJson, types.DocumentTypeCommand, invalidContent},
		{"schemaVersion: [", types.DocumentFormatYaml, types.DocumentTypeCommand, invalidContent},
		{`{"schemaVersion":"2.2","parameters":{"a":1}}`, types.DocumentFormatJson, types.DocumentTypeCommand, invalidContent},
		{`{"schemaVersion":"9.9"}`, types.DocumentFormatJson, types.DocumentTypeCommand, "InvalidDocumentSchemaVersion"},
		{`{"schemaVersion":"2.2"}`, types.DocumentFormatJson, types.DocumentTypeAutomation, "InvalidDocumentSchemaVersion"},
		{strings.Repeat("x", 64<<10+1), types.DocumentFormatText, types.DocumentTypeApplicationConfiguration, "MaxDocumentSizeExceeded"},
		{"schemaVersion: '2.2'", types.DocumentFormatYaml, types.DocumentTypeCommand, ""},
		{`{"schemaVersion":"0.3"}`, types.DocumentFormatJson, types.DocumentTypeAutomation, ""},
		{"free text", types.DocumentFormatText, types.DocumentTypeApplicationConfiguration, ""},
	} {
		name := fmt.Sprintf("doc-%d", len(test.content))
		_, err := c.tryCreateDocument(name, test.content, inFormat(test.format), ofType(test.typ))
		if test.code == "" {
			ok(t, err)
			continue
		}
		if message := wantCode(t, err, test.code); test.code == invalidContent && message != "The content for the document is not valid." {
			t.Errorf("message %q", message)
		}
	}
}

// TestDocumentFormat checks that a document is returned as JSON or YAML on request.
func TestDocumentFormat(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	const yaml = "schemaVersion: \"2.2\"\ndescription: Says <hello> & more.\nmainSteps:\n    - name: say\n      onFailure: Abort\n"
	c.createDocument("greet", yaml, inFormat(types.DocumentFormatYaml))
	in := func(name string, format types.DocumentFormat) *ssm.GetDocumentOutput {
		t.Helper()
		out, err := c.GetDocument(ctx, &ssm.GetDocumentInput{Name: &name, DocumentFormat: format})
		ok(t, err)
		return out
	}
	const asJSON = `{"description":"Says <hello> & more.","mainSteps":[{"name":"say","onFailure":"Abort"}],"schemaVersion":"2.2"}`
	if got := in("greet", ""); got.DocumentFormat != types.DocumentFormatJson || *got.Content != asJSON {
		t.Errorf("JSON of YAML: %s %s", got.DocumentFormat, *got.Content)
	}
	if got := in("greet", types.DocumentFormatYaml); got.DocumentFormat != types.DocumentFormatYaml || *got.Content != yaml {
		t.Errorf("YAML of YAML: %s", *got.Content)
	}
	c.createDocument("same", `{"schemaVersion":"2.2","description":"Says <hello> & more.","mainSteps":[{"name":"say","onFailure":"Abort"}]}`)
	if got := in("same", types.DocumentFormatYaml); *got.Content != yaml {
		t.Errorf("YAML of JSON: %s", *got.Content)
	}
	c.createDocument("text", "free text", inFormat(types.DocumentFormatText), ofType(types.DocumentTypeApplicationConfiguration))
	if got := in("text", ""); got.DocumentFormat != types.DocumentFormatText || *got.Content != "free text" {
		t.Errorf("text: %s %s", got.DocumentFormat, *got.Content)
	}
}

// TestDocumentVersions: versions are numbered on, named, chosen and deleted.
func TestDocumentVersions(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	c.createDocument("greet", greeting("one"), func(in *ssm.CreateDocumentInput) { in.VersionName = new("first") })
	second, err := c.updateDocument("greet", greeting("two"), func(in *ssm.UpdateDocumentInput) { in.VersionName = new("second") })
	ok(t, err)
	if second.Status != types.DocumentStatusUpdating || *second.DocumentVersion != "2" || *second.LatestVersion != "2" || *second.DefaultVersion != "1" || *second.Description != "Says two." {
		t.Errorf("UpdateDocument %+v", second)
	}
	_, err = c.updateDocument("greet", greeting("three"), func(in *ssm.UpdateDocumentInput) { in.DocumentVersion = new("2") })
	ok(t, err)
	if got := c.documentVersions("greet"); got != "3 2 1*" {
		t.Errorf("versions %s", got)
	}

	for version, word := range map[string]string{"": "one", "$DEFAULT": "one", "$LATEST": "three", "2": "two"} {
		out, err := c.readDocument("greet", version)
		ok(t, err)
		if *out.Content != greeting(word) {
			t.Errorf("version %s reads %s", version, *out.Content)
		}
	}
	named, err := c.GetDocument(ctx, &ssm.GetDocumentInput{Name: new("greet"), VersionName: new("second")})
	ok(t, err)
	if *named.DocumentVersion != "2" {
		t.Errorf("the second is %s", *named.DocumentVersion)
	}
	_, err = c.GetDocument(ctx, &ssm.GetDocumentInput{Name: new("greet"), VersionName: new("second"), DocumentVersion: new("1")})
	wantError(t, err, invalidDocument, noSuchDocument)
	_, err = c.readDocument("greet", "4")
	wantError(t, err, invalidDocument, noSuchDocument)

	_, err = c.updateDocument("none", greeting("four"))
	wantError(t, err, invalidDocument, noSuchDocument)
	_, err = c.updateDocument("greet", greeting("four"), func(in *ssm.UpdateDocumentInput) { in.DocumentVersion = new("9") })
	wantError(t, err, invalidVersion, "The document version is not valid or does not exist.")
	_, err = c.updateDocument("greet", greeting("two"))
	wantError(t, err, "DuplicateDocumentContent", "The content of the association document matches another document. Change the content of the document and try again.")
	_, err = c.updateDocument("greet", greeting("four"), func(in *ssm.UpdateDocumentInput) { in.VersionName = new("second") })
	wantError(t, err, "DuplicateDocumentVersionName", "The specified version name is a duplicate.")
	_, err = c.updateDocument("greet", "no object")
	wantCode(t, err, invalidContent)

	setDefault := func(version string) error {
		_, err := c.UpdateDocumentDefaultVersion(ctx, &ssm.UpdateDocumentDefaultVersionInput{Name: new("greet"), DocumentVersion: &version})
		return err
	}
	wantError(t, setDefault("9"), invalidVersion, "The document version is not valid or does not exist.")
	ok(t, setDefault("2"))
	if got := c.documentVersions("greet"); got != "3 2* 1" {
		t.Errorf("versions %s", got)
	}
	remove := func(version string) error {
		_, err := c.DeleteDocument(ctx, &ssm.DeleteDocumentInput{Name: new("greet"), DocumentVersion: &version})
		return err
	}
	wantError(t, remove("2"), "InvalidDocumentOperation", "Default version of the document can't be deleted.")
	ok(t, remove("3"))
	ok(t, remove("1"))
	wantError(t, remove("1"), invalidDocument, noSuchDocument)
	next, err := c.updateDocument("greet", greeting("one"))
	ok(t, err)
	if *next.DocumentVersion != "4" {
		t.Errorf("after the deleted third version came %s", *next.DocumentVersion)
	}
	ok(t, c.deleteDocument("greet"))
}

// listed returns the names in a list of documents with a filter.
func (c client) listed(key string, values ...string) []string {
	c.t.Helper()
	in := &ssm.ListDocumentsInput{MaxResults: new(int32(2))}
	if key != "" {
		in.Filters = []types.DocumentKeyValuesFilter{{Key: &key, Values: values}}
	}
	names := []string{}
	for p := ssm.NewListDocumentsPaginator(c, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		ok(c.t, err)
		for _, d := range page.DocumentIdentifiers {
			names = append(names, *d.Name)
		}
	}
	return names
}

func TestListDocuments(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	for _, name := range []string{"b-one", "a-two", "a-one"} {
		c.createDocument(name, greeting(name))
	}
	c.createDocument("run", `{"schemaVersion":"0.3"}`, ofType(types.DocumentTypeAutomation), func(in *ssm.CreateDocumentInput) {
		in.TargetType = new("/AWS::EC2::Instance")
	})
	_, err := c.AddTagsToResource(ctx, &ssm.AddTagsToResourceInput{ResourceType: types.ResourceTypeForTaggingDocument, ResourceId: new("b-one"), Tags: tag("team", "red")})
	ok(t, err)
	newClient(t, s, bob).createDocument("other", greeting("bob"))
	for _, test := range []struct {
		key    string
		values []string
		want   []string
	}{
		{"", nil, []string{"a-one", "a-two", "b-one", "run"}},
		{"Owner", []string{"Self"}, []string{"a-one", "a-two", "b-one", "run"}},
		{"Owner", []string{"All"}, []string{"a-one", "a-two", "b-one", "run"}},
		{"Owner", []string{"Private"}, []string{"a-one", "a-two", "b-one", "run"}},
		{"Owner", []string{"Amazon"}, []string{}},
		{"Owner", []string{"Public"}, []string{}},
		{"Name", []string{"a-"}, []string{"a-one", "a-two"}},
		{"Name", []string{"a-one", "run"}, []string{"a-one", "run"}},
		{"SearchKeyword", []string{"b"}, []string{"b-one"}},
		{"DocumentType", []string{"Automation"}, []string{"run"}},
		{"TargetType", []string{"/AWS::EC2::Instance"}, []string{"run"}},
		{"PlatformTypes", []string{"Linux"}, []string{"a-one", "a-two", "b-one", "run"}},
		{"tag:team", []string{"red", "blue"}, []string{"b-one"}},
		{"tag:team", []string{"blue"}, []string{}},
	} {
		if got := c.listed(test.key, test.values...); !slices.Equal(got, test.want) {
			t.Errorf("%s %v: %v, want %v", test.key, test.values, got, test.want)
		}
	}
	_, err = c.ListDocuments(ctx, &ssm.ListDocumentsInput{Filters: []types.DocumentKeyValuesFilter{{Key: new("Colour"), Values: []string{"red"}}}})
	wantCode(t, err, "InvalidFilterKey")
	_, err = c.ListDocuments(ctx, &ssm.ListDocumentsInput{NextToken: new("none")})
	wantCode(t, err, "InvalidNextToken")
	out, err := c.ListDocuments(ctx, &ssm.ListDocumentsInput{DocumentFilterList: []types.DocumentFilter{{Key: types.DocumentFilterKeyName, Value: new("run")}}})
	ok(t, err)
	if len(out.DocumentIdentifiers) != 1 || out.DocumentIdentifiers[0].DocumentType != types.DocumentTypeAutomation || *out.DocumentIdentifiers[0].SchemaVersion != "0.3" {
		t.Errorf("the old filters: %+v", out.DocumentIdentifiers)
	}
}

// TestDocumentType: policies may ask for the type of a document.
func TestDocumentType(t *testing.T) {
	s := writtest.New(t)
	user := as(t, s, alice, "automat", `{"Effect":"Allow","Action":["ssm:CreateDocument","ssm:GetDocument"],"Resource":"*","Condition":{"StringEquals":{"ssm:DocumentType":"Automation"}}}`)
	user.createDocument("run", `{"schemaVersion":"0.3"}`, ofType(types.DocumentTypeAutomation))
	_, err := user.tryCreateDocument("greet", greeting("hello"))
	wantCode(t, err, accessDenied)
	_, err = user.readDocument("run", "")
	ok(t, err)
	newClient(t, s, alice).createDocument("greet", greeting("hello"))
	_, err = user.readDocument("greet", "")
	wantCode(t, err, accessDenied)
	tagger := as(t, s, alice, "maker", identity("Allow", "ssm:CreateDocument", "*"))
	_, err = tagger.tryCreateDocument("tagged", greeting("hello"), func(in *ssm.CreateDocumentInput) { in.Tags = tag("team", "red") })
	wantCode(t, err, accessDenied) // the tags require a permission of their own
}
