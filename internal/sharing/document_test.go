package sharing

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/writdev/writ/internal/operation"
)

var updateGoldens = flag.Bool("update", false, "rewrite what the files in testdata want")

// expand fills in the names of the world.
var expand = strings.NewReplacer(
	"ALICE", alice, "BOB", bob, "CAROL", carol, "BOSS", boss, "ORG", org.ID,
	"OUTER", outer.ARN(), "INNER", inner.ARN(), "WHOLE", org.ARN(),
).Replace

// fold is the inverse of expand.
var fold = strings.NewReplacer(
	outer.ARN(), "OUTER", inner.ARN(), "INNER", org.ARN(), "WHOLE",
	alice, "ALICE", bob, "BOB", carol, "CAROL", boss, "BOSS", org.ID, "ORG",
).Replace

// TestDocuments writes the documents of shares. A file has one share of alice's
// image each: its name says which; a line of it is an association, its status
// behind it if that is not ASSOCIATED, the status of the image or, behind
// "template", the permission.
func TestDocuments(t *testing.T) {
	files, err := filepath.Glob("testdata/documents/*.txtar")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t)
			w.organize()
			image := w.image(alice, "web")
			var got string
			w.as(alice, func(c *operation.Call) error {
				for _, f := range archive.Files {
					if f.Name == "want" {
						continue
					}
					if err := makeShare(c, image, expand(string(f.Data))); err != nil {
						return err
					}
				}
				got, err = ramPolicy(c, image)
				return err
			})
			last := &archive.Files[len(archive.Files)-1]
			if text := fold(got) + "\n"; *updateGoldens {
				last.Data = []byte(text)
				if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
			} else if diff := cmp.Diff(string(last.Data), text); last.Name != "want" || diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func makeShare(c *operation.Call, image, lines string) error {
	s := newShare(c, alice)
	list := []Association{of(image)}
	for line := range strings.Lines(lines) {
		word := strings.Fields(line)
		switch {
		case word[0] == "deleted":
			s.Deleted = c.Now
		case word[0] == "image":
			list[0].Status = AssociationStatus(word[1])
		case word[0] == "template":
			p := &Permission{
				ARN: "arn:aws:ram:" + region + ":" + alice + ":permission/" + c.NewID(), Owner: alice, Region: region,
				ResourceType: "imagebuilder:Image", FeatureSet: Standard, Default: 1,
				Versions: []PermissionVersion{{Number: 1, Template: word[1], Created: c.Now}},
			}
			if err := p.Put(c); err != nil {
				return err
			}
			s.Permissions["imagebuilder:Image"] = p.ref()
		default:
			a := Association{Type: AssociationType(word[0]), Entity: word[1], Status: Associated}
			if len(word) > 2 {
				a.Status = AssociationStatus(word[2])
				a.Granted = len(word) > 3
			}
			list = append(list, a)
		}
	}
	if err := s.Put(c); err != nil {
		return err
	}
	return Associate(c, s, list...)
}

// TestDocumentFollowsShare changes what is in a share, and the share, one after the
// other: the document follows, and is not written when it stays the same.
func TestDocumentFollowsShare(t *testing.T) {
	w := newWorld(t)
	image := w.image(alice, "web")
	s := w.share(alice, of(image), with(bob))
	document := func() (text string) {
		w.Helper()
		w.as(alice, func(c *operation.Call) (err error) { text, err = ramPolicy(c, image); return err })
		return text
	}
	const get = `"imagebuilder:GetImage"`
	if got := document(); !strings.Contains(got, bob) || !strings.Contains(got, get) {
		t.Errorf("shared: %s", got)
	}
	w.as(alice, func(c *operation.Call) error { return Associate(c, s, with(carol)) })
	if got := document(); !strings.Contains(got, `{"AWS":["arn:aws:iam::`+bob+`:root","arn:aws:iam::`+carol+`:root"]}`) {
		t.Errorf("with another principal: %s", got)
	}
	w.as(alice, func(c *operation.Call) error { return Disassociate(c, s, with(bob), with("000000000000")) })
	if got := document(); strings.Contains(got, bob) || !strings.Contains(got, carol) {
		t.Errorf("without bob: %s", got)
	}
	w.as(alice, func(c *operation.Call) error {
		p := &Permission{
			ARN: "arn:aws:ram:us-east-1:" + alice + ":permission/list", Owner: alice, Region: region, ResourceType: "imagebuilder:Image", FeatureSet: Standard,
			Default: 1, Versions: []PermissionVersion{{Number: 1, Template: `{"Effect":"Allow","Action":["imagebuilder:ListImages"]}`}},
		}
		if err := p.Put(c); err != nil {
			return err
		}
		s.Permissions["imagebuilder:Image"] = p.ref()
		if err := s.Put(c); err != nil {
			return err
		}
		return Refresh(c, s)
	})
	if got := document(); strings.Contains(got, get) || !strings.Contains(got, "ListImages") {
		t.Errorf("with another permission: %s", got)
	}
	w.as(alice, func(c *operation.Call) error { return Disassociate(c, s, of(image)) })
	if got := document(); got != "" {
		t.Errorf("without the image: %s", got)
	}
	w.as(alice, func(c *operation.Call) error { return Associate(c, s, of(image)) })
	if document() == "" {
		t.Error("with the image again: nothing")
	}
	w.as(alice, func(c *operation.Call) error {
		s.Deleted = c.Now
		if err := s.Put(c); err != nil {
			return err
		}
		return Refresh(c, s)
	})
	if got := document(); got != "" {
		t.Errorf("deleted: %s", got)
	}
	w.as(alice, func(c *operation.Call) error { return s.Delete(c) })
	if _, found := w.find(s.ARN); found {
		t.Error("a share that was deleted is there")
	}
}

// find reads a share, if it is there.
func (w *world) find(arn string) (s *Share, found bool) {
	w.Helper()
	err := w.try(rootOf(alice), func(c *operation.Call) (err error) { s, err = ReadShare(c.Tx, arn); return err })
	return s, err == nil
}
