package lint

import (
	"regexp"
	"strings"
	"sync"

	"github.com/writdev/writ/catalog"
	"github.com/writdev/writ/policy"
)

// valueCodes lists the checks of values of condition keys with a known format.
var valueCodes = []code{
	{"INVALID_REGION", policy.Error},
	{"INVALID_VPC_FORMAT", policy.Error},
	{"INVALID_VPCE_FORMAT", policy.Error},
	{"INVALID_KMS_KEY_VALUE", policy.Error},
	{"INVALID_SERVICE_PRINCIPAL_FORMAT", policy.Error},
	{"EQUIVALENT_TO_NULL_FALSE", policy.Suggestion},
	{"EQUIVALENT_TO_NULL_TRUE", policy.Suggestion},
	{"REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION", policy.Suggestion},
	{"REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION", policy.Suggestion},
}

var (
	vpcForm      = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^vpc-([0-9A-Za-z]{8}|[0-9A-Za-z]{17})$`) })
	endpointForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^vpce-([0-9A-Za-z]{8}|[0-9A-Za-z]{17})$`) })
	uuidForm     = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)
	})
)

// serviceNameKeys lists the keys whose values are service principals.
var serviceNameKeys = []string{
	"aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "aws:principalservicename", "aws:principalservicenameslist",
	"iam:passedtoservice", "iam:awsservicename",
}

func (l *linter) checkValues(s *statement) {
	for i := range s.conditions {
		c := &s.conditions[i]
		if c.isPresence {
			continue
		}
		for _, v := range c.values() {
			if v.Text != "" && isFixed(v.Text) {
				l.checkValue(c, v)
			}
		}
		l.checkStar(s, c)
	}
}

func (l *linter) checkValue(c *condition, v policy.Value) {
	switch {
	case c.name == "aws:requestedregion" && !catalog.KnownRegion(v.Text) && !strings.HasSuffix(v.Text, "-global"):
		near := nearest(v.Text, regionNames)
		f := l.add("INVALID_REGION", v.Node, "there is no region %s%s", v.Text, didYouMean(near))
		if near != "" {
			f.Fix = replaceText("Change the region to "+near, v, near)
		}
	case c.name == "aws:sourcevpc" && !vpcForm().MatchString(v.Text):
		l.add("INVALID_VPC_FORMAT", v.Node, "a VPC id is vpc- followed by 8 or 17 letters and digits")
	case c.name == "aws:sourcevpce" && !endpointForm().MatchString(v.Text):
		l.add("INVALID_VPCE_FORMAT", v.Node, "a VPC endpoint id is vpce- followed by 8 or 17 letters and digits")
	case c.name == "s3:x-amz-server-side-encryption-aws-kms-key-id" && (uuidForm().MatchString(v.Text) || strings.HasPrefix(v.Text, "alias/")):
		l.add("INVALID_KMS_KEY_VALUE", v.Node, "the value of %s in a request is the ARN of a key", c.key.Name)
	case c.isOn(serviceNameKeys...) && !strings.Contains(v.Text, "."):
		near := v.Text + ".amazonaws.com"
		l.add("INVALID_SERVICE_PRINCIPAL_FORMAT", v.Node, "a service principal is like %q", near).
			Fix = replaceText("Change the value to "+near, v, near)
	}
}

// checkStar reports a condition with the single value "*", which tests only the presence of the key;
// [policy.Validate] reports those without qualifier and IfExists.
func (l *linter) checkStar(s *statement, c *condition) {
	like := c.base == "StringLike" || c.base == "StringNotLike" || strings.HasPrefix(c.base, "Arn") && c.base != "Arn"
	if !like || len(c.values()) != 1 || c.values()[0].Text != "*" || !c.qualified() && !c.ifExists {
		return
	}
	switch {
	case c.ifExists && !c.negated, c.forAll && !c.negated:
		l.add("REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION", c.key.Values.Node, "the condition always holds; remove the key").Fix = removeKey(l.doc, s, c)
	case c.forAny && c.negated && !c.ifExists:
		l.add("REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION", c.key.Values.Node, "the condition never holds, so the statement has no effect")
	case c.forAny && !c.negated:
		l.add("EQUIVALENT_TO_NULL_FALSE", c.key.Values.Node, "the condition only tests that the key exists; use Null")
	default:
		l.add("EQUIVALENT_TO_NULL_TRUE", c.key.Values.Node, "the condition only tests that the key is absent; use Null")
	}
}
