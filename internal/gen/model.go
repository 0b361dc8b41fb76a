package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// model is an API model in the SDKs' format api-2.json.
type model struct {
	Metadata struct {
		APIVersion      string `json:"apiVersion"`
		EndpointPrefix  string `json:"endpointPrefix"`
		Protocol        string `json:"protocol"`
		ServiceFullName string `json:"serviceFullName"`
		SigningName     string `json:"signingName"`
		TargetPrefix    string `json:"targetPrefix"`
		XMLNamespace    string `json:"xmlNamespace"`
	} `json:"metadata"`
	Operations map[string]*operation `json:"operations"`
	Shapes     map[string]*shape     `json:"shapes"`
}

// operation is one call of an API.
type operation struct {
	Name string `json:"name"`
	HTTP struct {
		Method       string `json:"method"`
		RequestURI   string `json:"requestUri"`
		ResponseCode int    `json:"responseCode"`
	} `json:"http"`
	Input  *ref  `json:"input"`
	Output *ref  `json:"output"`
	Errors []ref `json:"errors"`
}

// ref refers to a shape, with the traits of that use.
type ref struct {
	Shape            string `json:"shape"`
	LocationName     string `json:"locationName"`
	Location         string `json:"location"`
	ResultWrapper    string `json:"resultWrapper"`
	Flattened        bool   `json:"flattened"`
	IdempotencyToken bool   `json:"idempotencyToken"`
	JSONValue        bool   `json:"jsonvalue"`
	TimestampFormat  string `json:"timestampFormat"`
	QueryName        string `json:"queryName"`
	XMLNamespace     any    `json:"xmlNamespace"`
}

// shape is a named type of the model with its constraints.
type shape struct {
	Type            string    `json:"type"`
	Members         memberMap `json:"members"`
	Required        []string  `json:"required"`
	Member          *ref      `json:"member"`
	Key             *ref      `json:"key"`
	Value           *ref      `json:"value"`
	Enum            []string  `json:"enum"`
	Min             *float64  `json:"min"`
	Max             *float64  `json:"max"`
	Pattern         string    `json:"pattern"`
	Flattened       bool      `json:"flattened"`
	Payload         string    `json:"payload"`
	LocationName    string    `json:"locationName"`
	TimestampFormat string    `json:"timestampFormat"`
	Sensitive       bool      `json:"sensitive"`
	Exception       bool      `json:"exception"`
	Fault           bool      `json:"fault"`
	Error           *struct {
		Code           string `json:"code"`
		HTTPStatusCode int    `json:"httpStatusCode"`
		SenderFault    bool   `json:"senderFault"`
	} `json:"error"`
}

// memberMap holds a structure's members in the order of the model.
type memberMap struct {
	names []string
	refs  map[string]*ref
}

func (m *memberMap) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, &m.refs); err != nil {
		return err
	}
	m.names = nil
	dec := json.NewDecoder(bytes.NewReader(text))
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		m.names = append(m.names, name.(string))
		var skip json.RawMessage
		if err := dec.Decode(&skip); err != nil {
			return err
		}
	}
	return nil
}

func loadModel(path string) (*model, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m := new(model)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// correction is one reviewed change to a model. Whole shapes and operations replace the
// model's; members are added to a structure, or replaced in it.
type correction struct {
	Source     string                `json:"source"`
	Operations map[string]*operation `json:"operations"`
	Shapes     map[string]*shape     `json:"shapes"`
	Members    map[string]memberMap  `json:"members"`
	Required   map[string][]string   `json:"required"`
	Errors     map[string][]string   `json:"errors"`
}

// patch applies the corrections in the file at path, if there is one.
func (m *model) patch(path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var corrections []correction
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&corrections); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for i, c := range corrections {
		if c.Source == "" {
			return fmt.Errorf("%s: correction %d names no source", path, i)
		}
		if err := m.correct(c); err != nil {
			return fmt.Errorf("%s: correction %d: %w", path, i, err)
		}
	}
	return nil
}

func (m *model) correct(c correction) error {
	for name, op := range c.Operations {
		m.Operations[name] = op
	}
	for name, s := range c.Shapes {
		m.Shapes[name] = s
	}
	for name, members := range c.Members {
		s := m.Shapes[name]
		if s == nil {
			return fmt.Errorf("members of unknown shape %s", name)
		}
		for _, member := range members.names {
			if _, known := s.Members.refs[member]; !known {
				s.Members.names = append(s.Members.names, member)
			}
			s.Members.refs[member] = members.refs[member]
		}
	}
	for name, required := range c.Required {
		s := m.Shapes[name]
		if s == nil {
			return fmt.Errorf("required members of unknown shape %s", name)
		}
		s.Required = required
	}
	for name, codes := range c.Errors {
		op := m.Operations[name]
		if op == nil {
			return fmt.Errorf("errors of unknown operation %s", name)
		}
		for _, code := range codes {
			op.Errors = append(op.Errors, ref{Shape: code})
		}
	}
	return nil
}
