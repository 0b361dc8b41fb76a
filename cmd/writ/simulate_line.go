package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/writdev/writ/policy"
)

// simulator answers lines. It keeps what it can use again for the next line.
type simulator struct {
	documents map[string]*policy.Document // by source text
	request   policy.Request
	out       []byte

	reader  bytes.Reader
	decoder jsontext.Decoder
}

// manyDocuments bounds the memory of a simulator.
const manyDocuments = 4096

// answer decides one line. A line that cannot be read is answered with its
// error.
func (s *simulator) answer(line []byte) []byte {
	var in lineInput
	err := s.read(line, &in)
	s.out = append(s.out[:0], `{"id":`...)
	if in.id == nil {
		in.id = s.findID(line)
	}
	s.out = append(s.out, in.id...)
	if err != nil {
		s.out = appendMember(s.out, "error", err.Error())
		return append(s.out, "}\n"...)
	}
	in.principal.SetKeys(&s.request.Context)
	s.request.Principal = in.principal
	decision := policy.Decide(&s.request, &in.policies)
	s.out = appendMember(s.out, "decision", decision.Verdict.String())
	s.out = appendMember(s.out, "decidedBy", decision.Layer.String())
	s.out = appendMember(s.out, "explanation", decision.Sentence(&s.request))
	return append(s.out, "}\n"...)
}

func appendMember(b []byte, name, value string) []byte {
	b = append(append(append(b, `,"`...), name...), `":`...)
	quoted, err := jsontext.AppendQuote(b, value)
	if err != nil { // the text is not UTF-8; the standard library replaces what is not
		text, _ := json.Marshal(value)
		return append(b, text...)
	}
	return quoted
}

// findID is the id of a line that could not be read as a whole, or null.
func (s *simulator) findID(line []byte) []byte {
	var in struct{ ID json.RawMessage }
	if err := json.Unmarshal(line, &in); err != nil || in.ID == nil {
		return []byte("null")
	}
	return in.ID
}

// lineInput is what a line says, other than what goes into the request at once.
type lineInput struct {
	id        []byte
	principal policy.Principal
	policies  policy.Policies
}

// read reads a line. After an error the id is set only if it was read before.
func (s *simulator) read(line []byte, in *lineInput) error {
	principal, err := s.members(line, in)
	if err != nil {
		return err
	}
	if principal == "" || s.request.Action == "" {
		return errors.New("principal and action are needed")
	}
	in.principal, err = policy.ParsePrincipal(principal)
	return err
}

// members reads the members of a line.
func (s *simulator) members(line []byte, in *lineInput) (principal string, err error) {
	s.reader.Reset(line)
	s.decoder.Reset(&s.reader)
	context := s.request.Context
	context.Reset()
	s.request = policy.Request{Resource: "*", Context: context}
	if s.decoder.PeekKind() != '{' {
		if _, err := s.decoder.ReadToken(); err != nil {
			return "", err
		}
		return "", errors.New("a line is a JSON object")
	}
	if _, err := s.decoder.ReadToken(); err != nil {
		return "", err
	}
	for s.decoder.PeekKind() == '"' {
		token, err := s.decoder.ReadToken()
		if err != nil {
			return "", err
		}
		key := token.String()
		if err := s.member(key, &principal, in); err != nil {
			return "", fmt.Errorf("%s: %w", key, err)
		}
	}
	if _, err := s.decoder.ReadToken(); err != nil {
		return "", err
	}
	if rest := bytes.TrimSpace(line[s.decoder.InputOffset():]); len(rest) > 0 {
		return "", errors.New("there is something behind the JSON object")
	}
	return principal, nil
}

// member reads the value of one key.
func (s *simulator) member(key string, principal *string, in *lineInput) (err error) {
	p := &in.policies
	switch key {
	case "id":
		value, err := s.decoder.ReadValue()
		in.id = bytes.Clone(value)
		return err
	case "principal":
		*principal, err = s.text()
	case "action":
		s.request.Action, err = s.text()
	case "resource":
		s.request.Resource, err = s.text()
	case "resourceAccount":
		s.request.ResourceAccount, err = s.text()
	case "managementAccount":
		s.request.ManagementAccount, err = s.text()
	case "context":
		err = s.context()
	case "identityPolicies":
		p.Identity, err = s.layer()
	case "permissionsBoundaries":
		p.Boundary, err = s.layer()
	case "sessionPolicies":
		p.Session, err = s.layer()
	case "resourcePolicy":
		var doc *policy.Document
		if doc, err = s.document(); doc != nil {
			p.Resource = []policy.Attached{{Document: doc}}
		}
	case "endpointPolicies":
		p.Endpoint, err = s.layer()
	case "serviceControlPolicies":
		p.ServiceControl, err = s.levels()
	case "resourceControlPolicies":
		p.ResourceControl, err = s.levels()
	default:
		if looksLikeLayer(key) {
			return errors.New("there is no such key")
		}
		return s.decoder.SkipValue()
	}
	return err
}

// text reads a string; null is as if the key were absent.
func (s *simulator) text() (string, error) {
	token, err := s.decoder.ReadToken()
	switch {
	case err != nil:
		return "", err
	case token.Kind() == 'n':
		return "", nil
	case token.Kind() != '"':
		return "", errors.New("expected a string")
	}
	return token.String(), nil
}

// context reads the condition keys. A value is a string, number or boolean, or a
// list of them.
func (s *simulator) context() error {
	open, err := s.decoder.ReadToken()
	if err != nil || open.Kind() == 'n' {
		return err
	}
	if open.Kind() != '{' {
		return errors.New("expected an object")
	}
	for s.decoder.PeekKind() == '"' {
		token, err := s.decoder.ReadToken()
		if err != nil {
			return err
		}
		if err := s.contextKey(token.String()); err != nil {
			return err
		}
	}
	_, err = s.decoder.ReadToken()
	return err
}

func (s *simulator) contextKey(key string) error {
	list := s.decoder.PeekKind() == '['
	if list {
		if _, err := s.decoder.ReadToken(); err != nil {
			return err
		}
	}
	for s.decoder.PeekKind() != ']' {
		token, err := s.decoder.ReadToken()
		if err != nil {
			return err
		}
		switch token.Kind() {
		case '"', '0', 't', 'f':
			s.request.Context.Add(key, token.String())
		case 'n':
		default:
			return fmt.Errorf("%s: expected a string, number or boolean, or a list of them", key)
		}
		if !list {
			return nil
		}
	}
	_, err := s.decoder.ReadToken()
	return err
}

// layer reads a list of policies; null is an absent layer.
func (s *simulator) layer() ([]policy.Attached, error) {
	open, err := s.decoder.ReadToken()
	if err != nil || open.Kind() == 'n' {
		return nil, err
	}
	if open.Kind() != '[' {
		return nil, errors.New("expected a list of policies")
	}
	layer := []policy.Attached{}
	for s.decoder.PeekKind() != ']' {
		doc, err := s.document()
		if err != nil {
			return nil, err
		}
		if doc == nil {
			return nil, errors.New("a policy may not be null here")
		}
		layer = append(layer, policy.Attached{Document: doc})
	}
	_, err = s.decoder.ReadToken()
	return layer, err
}

// levels reads a list of layers; null is an absent one.
func (s *simulator) levels() ([][]policy.Attached, error) {
	open, err := s.decoder.ReadToken()
	if err != nil || open.Kind() == 'n' {
		return nil, err
	}
	if open.Kind() != '[' {
		return nil, errors.New("expected a list of levels, each a list of policies")
	}
	levels := [][]policy.Attached{}
	for s.decoder.PeekKind() != ']' {
		if s.decoder.PeekKind() != '[' {
			return nil, errors.New("expected a list of levels, each a list of policies")
		}
		level, err := s.layer()
		if err != nil {
			return nil, err
		}
		levels = append(levels, level)
	}
	_, err = s.decoder.ReadToken()
	return levels, err
}

// document reads a policy: an object, a string that holds one, or null.
func (s *simulator) document() (*policy.Document, error) {
	value, err := s.decoder.ReadValue()
	if err != nil {
		return nil, err
	}
	switch value.Kind() {
	case 'n':
		return nil, nil
	case '"':
		if value, err = jsontext.AppendUnquote(nil, value); err != nil {
			return nil, err
		}
	case '{':
	default:
		return nil, errors.New("a policy is an object or a string that holds one")
	}
	if doc, ok := s.documents[string(value)]; ok {
		return doc, nil
	}
	doc, err := policy.Parse(value)
	if err != nil {
		return nil, err
	}
	if len(s.documents) >= manyDocuments {
		clear(s.documents)
	}
	s.documents[string(value)] = doc
	return doc, nil
}
