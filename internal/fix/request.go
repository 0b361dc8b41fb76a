package fix

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
)

// targetPrefixes holds the prefixes of X-Amz-Target of the services that speak awsJson1_1.
var targetPrefixes = map[string]string{
	"ssm": "AmazonSSM.", "rekognition": "RekognitionService.", "kms": "TrentService.", "secretsmanager": "secretsmanager.", "organizations": "AWSOrganizationsV20161128.",
}

// queryVersions holds the API versions of the services that speak awsQuery.
var queryVersions = map[string]string{"iam": "2010-05-08", "sts": "2011-06-15"}

// Request returns the call as an unsigned HTTP request in the protocol of its service.
func (c Call) Request(endpoint string) (*http.Request, error) {
	method, path, contentType, target := http.MethodPost, "/", "application/json", ""
	body, err := json.Marshal(c.members())
	if err != nil {
		return nil, err
	}
	switch version, isQuery := queryVersions[c.Service]; {
	case isQuery:
		form := c.form()
		form.Set("Action", c.Operation)
		form.Set("Version", version)
		body, contentType = []byte(form.Encode()), "application/x-www-form-urlencoded"
	case c.Service == "imagebuilder":
		method, path = http.MethodPut, "/"+c.Operation
	case c.Service == "ram":
		path = "/" + strings.ToLower(c.Operation)
		if c.Operation == "PromoteResourceShareCreatedFromPolicy" { // its input is in the query string
			path += "?" + c.form().Encode()
		}
	default:
		contentType, target = "application/x-amz-json-1.1", targetPrefixes[c.Service]+c.Operation
	}
	req, err := http.NewRequest(method, strings.TrimSuffix(endpoint, "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", contentType)
	if target != "" {
		req.Header.Set("X-Amz-Target", target)
	}
	return req, nil
}

func (c Call) members() map[string]any {
	members := map[string]any{}
	for _, p := range c.Params {
		members[p.Name] = p.Value
		if p.Flag {
			members[p.Name] = true
		}
	}
	return members
}

func (c Call) form() url.Values {
	form := url.Values{}
	for _, p := range c.Params {
		form.Set(p.Name, p.Value)
		if p.Flag {
			form.Set(p.Name, "true")
		}
	}
	return form
}

// ErrorMessage returns the message in the output of a failed call, or "" if it has none.
func ErrorMessage(answer []byte) string {
	var fault struct {
		Message string
		Error   struct{ Message string }
	}
	if json.Unmarshal(answer, &fault) == nil && fault.Message != "" {
		return fault.Message
	}
	if xml.Unmarshal(answer, &fault) == nil {
		return fault.Error.Message
	}
	return ""
}
