package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/server"
)

// event is an event of CloudTrail, as far as a decision follows from it.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
type event struct {
	UserIdentity struct {
		Type, ARN, AccountID, InvokedBy, PrincipalID string
		SessionContext                               struct {
			Attributes struct{ MFAAuthenticated string }
		}
	}
	EventTime          time.Time
	EventSource        string
	EventName          string
	AWSRegion          string
	SourceIPAddress    string
	UserAgent          string
	ErrorCode          string
	RequestParameters  map[string]any
	Resources          []struct{ ARN, AccountID string }
	RecipientAccountID string
	VpcEndpointID      string
	TLSDetails         *struct{ TLSVersion string }
}

// isCloudTrail reports whether a file begins as one of events: an object with Records.
var isCloudTrail = regexp.MustCompile(`^\s*\{\s*"Records"\s*:`).Match

// cloudTrail reads the events of a file, one after the other.
func (r *run) cloudTrail(in io.Reader) error {
	d := json.NewDecoder(in)
	for range 3 { // {, "Records", [
		if _, err := d.Token(); err != nil {
			return atEnd(err)
		}
	}
	for n := 1; d.More(); n++ {
		var e event
		if err := d.Decode(&e); err != nil {
			if errors.Is(atEnd(err), io.ErrUnexpectedEOF) {
				return io.ErrUnexpectedEOF
			}
			return fmt.Errorf("event %d: %w", n, err)
		}
		if err := r.event(&e); err != nil {
			return fmt.Errorf("event %d: %w", n, err)
		}
	}
	for range 2 { // ], }
		if _, err := d.Token(); err != nil {
			return atEnd(err)
		}
	}
	return nil
}

func atEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// event decides one event about each of its resources.
func (r *run) event(e *event) error {
	principal := e.principal()
	if principal == "" {
		r.skipped["the event names no principal"]++
		return nil
	}
	service := strings.TrimSuffix(e.EventSource, ".amazonaws.com")
	if renamed, ok := prefixes[service]; ok {
		service = renamed
	}
	action := service + ":" + e.EventName
	resources, known := e.resources(service)
	context := e.context()
	for _, resource := range resources {
		q := request{Recorded: server.Recorded{Principal: principal, Action: action, Resource: resource, Context: context}}
		q.unknown = append(q.unknown, "keys of the service, tags of requests and sessions are not in events of CloudTrail")
		if !known {
			q.unknown = append(q.unknown, "the resource of "+action+" is not in the event: it is decided about *")
		}
		keyed := map[string][]string{}
		for k, v := range context {
			if !r.timeless || k != "aws:CurrentTime" && k != "aws:EpochTime" {
				keyed[k] = v
			}
		}
		key, err := json.Marshal([]any{principal, action, resource, keyed})
		if err != nil {
			return err
		}
		if err := r.ask(key, !isDenial(e.ErrorCode), func() (request, error) { return q, nil }); err != nil {
			return err
		}
	}
	return nil
}

// prefixes are the prefixes of actions where the source of events has another name.
var prefixes = map[string]string{"monitoring": "cloudwatch", "tagging": "tag", "email": "ses", "access-analyzer": "access-analyzer"}

// principal is the caller of an event; "" if it cannot be told.
func (e *event) principal() string {
	switch id := &e.UserIdentity; {
	case id.Type == "AWSService":
		return id.InvokedBy
	case id.ARN != "":
		return id.ARN
	case id.Type == "AWSAccount" && arn.IsAccountID(id.AccountID):
		return id.AccountID
	case id.Type == "Unknown" || id.Type == "AWSAccount" && id.PrincipalID == "ANONYMOUS_PRINCIPAL":
		return "*"
	}
	return ""
}

// isDenial reports whether an error is one of authorization.
func isDenial(code string) bool {
	for _, denial := range []string{"AccessDenied", "UnauthorizedOperation", "NotAuthorized", "AuthorizationError"} {
		if strings.Contains(code, denial) {
			return true
		}
	}
	return false
}

// resources are what an event is about, and whether it says so.
func (e *event) resources(service string) ([]string, bool) {
	var list []string
	for _, r := range e.Resources {
		if strings.HasPrefix(r.ARN, "arn:") {
			list = append(list, r.ARN)
		}
	}
	if list != nil {
		return list, true
	}
	for _, v := range e.RequestParameters {
		if text, ok := v.(string); ok && strings.HasPrefix(text, "arn:") {
			list = append(list, text)
		}
	}
	if len(list) == 1 {
		return list, true
	}
	name, _ := e.RequestParameters["name"].(string)
	if service == "ssm" && name != "" && strings.Contains(e.EventName, "Parameter") {
		return []string{"arn:aws:ssm:" + e.AWSRegion + ":" + e.RecipientAccountID + ":parameter/" + strings.TrimPrefix(name, "/")}, true
	}
	bucket, _ := e.RequestParameters["bucketName"].(string)
	if service == "s3" && bucket != "" {
		key, _ := e.RequestParameters["key"].(string)
		return []string{strings.TrimSuffix("arn:aws:s3:::"+bucket+"/"+key, "/")}, true
	}
	return []string{"*"}, false
}

// context are the condition keys that an event tells.
func (e *event) context() map[string][]string {
	c := map[string][]string{
		"aws:CurrentTime": {e.EventTime.UTC().Format(time.RFC3339)},
		"aws:EpochTime":   {strconv.FormatInt(e.EventTime.Unix(), 10)},
	}
	set := func(key, value string) {
		if value != "" {
			c[key] = []string{value}
		}
	}
	set("aws:RequestedRegion", e.AWSRegion)
	set("aws:UserAgent", e.UserAgent)
	set("aws:SourceVpce", e.VpcEndpointID)
	set("aws:MultiFactorAuthPresent", e.UserIdentity.SessionContext.Attributes.MFAAuthenticated)
	if e.TLSDetails != nil {
		set("aws:SecureTransport", "true")
	}
	if _, err := netip.ParseAddr(e.SourceIPAddress); err == nil {
		set("aws:SourceIp", e.SourceIPAddress)
	}
	if strings.HasSuffix(e.SourceIPAddress, ".amazonaws.com") {
		set("aws:CalledViaLast", e.SourceIPAddress)
		set("aws:ViaAWSService", "true")
	}
	return c
}
