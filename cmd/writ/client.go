package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/writdev/writ/internal/fix"
)

// sandboxSecret is the secret of the root users that need no access key. A server that
// other machines can reach does not accept it.
const sandboxSecret = "test"

// targetPrefixes are the prefixes of X-Amz-Target, by service.
var targetPrefixes = map[string]string{"ssm": "AmazonSSM.", "rekognition": "RekognitionService.", "kms": "TrentService."}

// call makes a call of an AWS API and decodes its answer in JSON; into may be nil.
func (s *running) call(c fix.Call, into any) error {
	answer, err := s.callRaw(c)
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(answer, into)
}

// callRaw makes a call of an AWS API as the root user of the call's account, and returns
// the body of the answer.
func (s *running) callRaw(c fix.Call) ([]byte, error) {
	body, header, path, err := encodeCall(c)
	if err != nil {
		return nil, err
	}
	method := http.MethodPost
	if c.Service == "imagebuilder" {
		method = http.MethodPut
	}
	req, err := http.NewRequest(method, strings.TrimSuffix(s.Endpoint, "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = header
	sum := sha256.Sum256(body)
	credentials := aws.Credentials{AccessKeyID: c.Account, SecretAccessKey: sandboxSecret}
	err = v4.NewSigner().SignHTTP(context.Background(), credentials, req, hex.EncodeToString(sum[:]), c.Service, c.Region, time.Now())
	if err != nil {
		return nil, err
	}
	client := http.Client{Timeout: 30 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 {
		return nil, fmt.Errorf("%s: %s", c.Operation, errorMessage(answer, resp.Status))
	}
	return answer, nil
}

// encodeCall writes a call in the protocol of its service.
func encodeCall(c fix.Call) (body []byte, header http.Header, path string, err error) {
	header, path = http.Header{}, "/"
	switch c.Service {
	case "iam", "sts":
		version := map[string]string{"iam": "2010-05-08", "sts": "2011-06-15"}[c.Service]
		form := url.Values{"Action": {c.Operation}, "Version": {version}}
		for _, p := range c.Params {
			form.Set(p.Name, p.Value)
			if p.Flag {
				form.Set(p.Name, "true")
			}
		}
		header.Set("Content-Type", "application/x-www-form-urlencoded")
		return []byte(form.Encode()), header, path, nil
	case "imagebuilder":
		path = "/" + c.Operation
		header.Set("Content-Type", "application/json")
	default:
		header.Set("Content-Type", "application/x-amz-json-1.1")
		header.Set("X-Amz-Target", targetPrefixes[c.Service]+c.Operation)
	}
	members := map[string]any{}
	for _, p := range c.Params {
		members[p.Name] = p.Value
		if p.Flag {
			members[p.Name] = true
		}
	}
	body, err = json.Marshal(members)
	return body, header, path, err
}

// errorMessage is the message in the answer of a call that failed.
func errorMessage(answer []byte, status string) string {
	var fault struct {
		Message string
		Error   struct{ Message string }
	}
	if json.Unmarshal(answer, &fault) == nil && fault.Message != "" {
		return fault.Message
	}
	if xml.Unmarshal(answer, &fault) == nil && fault.Error.Message != "" {
		return fault.Error.Message
	}
	return status
}
