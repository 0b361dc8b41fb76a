package accessanalyzer

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/writdev/writ/internal/operation"
)

// The types of rows in the store.
const (
	analyzerType = "analyzer"
	ruleType     = "archive-rule"
	statusType   = "finding-status"
	previewType  = "access-preview"
)

// analyzerPrefix returns the prefix of the ARNs of the caller's analyzers in the region.
func analyzerPrefix(c *operation.Call) string {
	return "arn:" + c.Partition + ":" + api.Name + ":" + c.Region + ":" + c.Account() + ":analyzer/"
}

func analyzerARN(c *operation.Call, name string) string { return analyzerPrefix(c) + name }

func ruleARN(analyzer, rule string) string { return analyzer + "/archive-rule/" + rule }

// statusARN returns the key of the row with the status that a user set on a finding.
func statusARN(analyzer, finding string) string { return analyzer + "/finding/" + finding }

func previewARN(analyzer, id string) string { return analyzer + "/access-preview/" + id }

// findingID returns the id of a finding, which depends only on the analyzer, the resource and the access.
func findingID(analyzer string, parts ...string) string {
	sum := sha256.Sum256([]byte(analyzer + "\x00" + strings.Join(parts, "\x00")))
	text := hex.EncodeToString(sum[:16])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// accountOf returns the account field of an ARN.
func accountOf(arn string) string {
	if f := strings.SplitN(arn, ":", 6); len(f) == 6 {
		return f[4]
	}
	return ""
}
