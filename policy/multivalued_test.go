package policy

import (
	"strings"
	"testing"
)

func TestIsMultivalued(t *testing.T) {
	for key, want := range map[string]bool{
		"aws:TagKeys":                           true,
		"AWS:tagkeys":                           true,
		"aws:CalledVia":                         true,
		"aws:PrincipalOrgPaths":                 true,
		"kms:EncryptionContextKeys":             true,
		"dynamodb:Attributes":                   true,
		"events:metadata/team":                  true,
		"Events:Metadata/team":                  true,
		"aws:PrincipalArn":                      false,
		"aws:CalledViaFirst":                    false,
		"aws:PrincipalTag/TagKeys":              false,
		"kms:EncryptionContext:aws:TagKeys":     false,
		"events:metadata":                       false,
		"aws:TagKeys" + strings.Repeat("s", 64): false,
		"":                                      false,
	} {
		if got := isMultivalued(key); got != want {
			t.Errorf("isMultivalued(%q) = %v, want %v", key, got, want)
		}
	}
}

func TestIsMultivaluedAllocatesNothing(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { isMultivalued("aws:PrincipalOrgPaths") }); n > 0 {
		t.Errorf("isMultivalued allocates %v times", n)
	}
}
