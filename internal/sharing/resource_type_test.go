package sharing

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

func TestTypeOf(t *testing.T) {
	const prefix = "arn:aws:imagebuilder:us-east-1:111122223333:"
	for arn, want := range map[string]string{
		prefix + "image/web/1.0.0/1":                               "imagebuilder:Image",
		prefix + "component/web/1.0.0/1":                           "imagebuilder:Component",
		prefix + "image-recipe/web/1.0.0":                          "imagebuilder:ImageRecipe",
		prefix + "container-recipe/web/1.0.0":                      "imagebuilder:ContainerRecipe",
		"arn:aws:ssm:us-east-1:111122223333:parameter/a/b":         "ssm:Parameter",
		prefix + "infrastructure-configuration/web":                "",
		"arn:aws:ssm:us-east-1:111122223333:opsitemgroup/default":  "",
		"arn:aws:imagebuilders:us-east-1:111122223333:image/web":   "",
		"arn:aws:rekognition:us-east-1:111122223333:project/web/1": "",
		"image/web": "",
	} {
		typ, ok := TypeOf(arn)
		if typ.Name != want || ok != (want != "") {
			t.Errorf("%s is a %s, %t; want %s", arn, typ.Name, ok, want)
		}
	}
	if !slices.IsSortedFunc(ResourceTypes(), func(a, b ResourceType) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the types are not in order")
	}
	for _, typ := range ResourceTypes() {
		for i, p := range typ.Managed {
			terms, err := parseTemplate(p.Versions[0].Template)
			if err != nil || !slices.Contains(terms.actions, typ.GetAction) || !strings.HasPrefix(typ.PutAction, typ.Service+":Put") {
				t.Errorf("%s: %+v, %v", p.Name, typ, err)
			}
			if p.TypeDefault != (i == 0) || p.ResourceType != typ.Name || p.Created.IsZero() {
				t.Errorf("permission %+v", p)
			}
		}
	}
}

func TestReadPermission(t *testing.T) {
	w := newWorld(t)
	const name = "AWSRAMDefaultPermissionImageBuilderImageRecipe"
	w.as(alice, func(c *operation.Call) error {
		for arn, want := range map[string]string{
			"arn:aws:ram::aws:permission/" + name:                    "arn:aws:ram::aws:permission/" + name,
			"arn:aws:ram::aws:permission/imagebuilder:" + name:       "arn:aws:ram::aws:permission/" + name,
			"arn:aws-cn:ram::aws:permission/" + name:                 "arn:aws-cn:ram::aws:permission/" + name,
			"arn:aws:ram::aws:permission/none":                       "",
			"arn:aws:ram::aws:" + name:                               "",
			"arn:aws:ram:us-east-1:" + alice + ":permission/" + name: "",
			"arn:aws:ram:us-east-1:aws:permission/" + name:           "",
			"none": "",
			"arn:aws:imagebuilder:us-east-1:" + alice + ":image/web/1": "",
		} {
			p, err := ReadPermission(c.Tx, arn)
			if want == "" {
				if !errors.Is(err, store.ErrNotFound) {
					t.Errorf("%s: %+v, %v", arn, p, err)
				}
				continue
			}
			if err != nil || p.ARN != want || p.Name != name || p.Owner != "aws" || p.FeatureSet != Standard {
				t.Errorf("%s: %+v, %v", arn, p, err)
			}
		}
		// Nobody who reads one can change it for others.
		p, err := ReadPermission(c.Tx, "arn:aws:ram::aws:permission/"+name)
		if err != nil {
			return err
		}
		p.Name = "mine"
		_, err = ReadPermission(c.Tx, "arn:aws:ram::aws:permission/"+name)
		return err
	})
	image := w.image(alice, "web")
	w.as(alice, func(c *operation.Call) error {
		if _, err := ReadPermission(c.Tx, image); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an image as a permission: %v", err)
		}
		if _, err := ReadShare(c.Tx, image); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an image as a share: %v", err)
		}
		return nil
	})
}

func TestShareable(t *testing.T) {
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	now := time.Date(2026, time.November, 30, 12, 0, 0, 0, time.UTC)
	const none, broken = "none", "broken"
	for _, test := range []struct{ typ, data, want string }{
		{"parameter", `{}`, ""},
		{"parameter", `{"Name":"Unshareable"}`, ""},
		{"parameter", `{"Unshareable":"Only advanced parameters can be shared."}`, "Only advanced parameters can be shared."},
		{"parameter", `{"Expires":"2026-11-30T12:00:01Z"}`, ""},
		{"parameter", `{"Expires":"2026-11-30T12:00:00Z"}`, none},
		{"parameter-chapter", `{"Versions":[]}`, none},
		{"parameter", `not JSON`, broken},
	} {
		err := st.Update(t.Context(), func(tx *store.Tx) error {
			if err := tx.PutResource(store.Resource{ARN: "a", Service: "ssm", Type: test.typ, Data: []byte(test.data)}); err != nil {
				return err
			}
			got, err := Shareable(tx, "a", now)
			switch {
			case errors.Is(err, store.ErrNotFound):
				got = none
			case err != nil:
				got = broken
			}
			if got != test.want {
				t.Errorf("%s %s: %q (%v), want %q", test.typ, test.data, got, err, test.want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestTerms tells which terms are the same: their text is.
func TestTerms(t *testing.T) {
	const one = `{"Effect":"Allow","Action":["ssm:GetParameter","ssm:GetParameters"],"Condition":{"StringEquals":{"aws:PrincipalTag/a":["x","y"],"aws:RequestedRegion":"us-east-1"}}}`
	for template, want := range map[string]bool{
		one: true,
		strings.Replace(one, `"ssm:GetParameter","ssm:GetParameters"`, `"SSM:getparameters","ssm:GetParameter","ssm:GetParameter"`, 1): true,
		strings.Replace(one, `"x","y"`, `"y","x","y"`, 1):                                   true,
		strings.Replace(one, "StringEquals", "stringequals", 1):                             true,
		strings.Replace(one, "aws:RequestedRegion", "AWS:requestedregion", 1):               true,
		strings.Replace(one, `"aws:PrincipalTag/a":["x","y"],`, "", 1):                      false,
		strings.Replace(one, `"x","y"`, `"X","y"`, 1):                                       false,
		strings.Replace(one, "StringEquals", "StringLike", 1):                               false,
		strings.Replace(one, "StringEquals", "ForAnyValue:StringEquals", 1):                 false,
		strings.Replace(one, `"ssm:GetParameters"`, `"ssm:GetParameter*"`, 1):               false,
		strings.Replace(one, `"ssm:GetParameter",`, "", 1):                                  false,
		strings.Replace(one, "ssm:GetParameters", "ſsm:GetParameters", 1):                   false, // a letter that only looks like it
		strings.Replace(one, `"us-east-1"`, `["us-east-1","eu-west-1"]`, 1):                 false,
		strings.Replace(one, `["x","y"],"aws:RequestedRegion":"us-east-1"`, `["x","y"]`, 1): false,
	} {
		a, err := parseTemplate(one)
		if err != nil {
			t.Fatal(err)
		}
		b, err := parseTemplate(template)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.text() == b.text(); got != want {
			t.Errorf("%s is the same: %t", template, got)
		}
		again, err := parseTemplate(b.template())
		if err != nil || again.text() != b.text() {
			t.Errorf("%s comes back as %s, %v", template, b.template(), err)
		}
	}
}

// TestSharingWithOrganization turns it on and off.
func TestSharingWithOrganization(t *testing.T) {
	w := newWorld(t)
	is := func(want bool) {
		t.Helper()
		w.as(boss, func(c *operation.Call) error {
			for id, want := range map[string]bool{org.ID: want, "o-0987654321": false, "": false} {
				if got, err := SharingWithOrganization(c.Tx, id); err != nil || got != want {
					t.Errorf("sharing with %q: %t, %v", id, got, err)
				}
			}
			return nil
		})
	}
	is(false)
	for range 2 {
		w.as(boss, func(c *operation.Call) error { return EnableSharingWithOrganization(c, org.ID) })
		is(true)
	}
	for range 2 {
		w.as(boss, func(c *operation.Call) error { return DisableSharingWithOrganization(c, org.ID) })
		is(false)
	}
}
