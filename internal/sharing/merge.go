package sharing

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Merge makes one document of the statements of many, in their order. A single
// document is returned as it is, byte for byte; of none it makes "{}", the
// empty object.
func Merge(documents ...string) (string, error) {
	switch len(documents) {
	case 0:
		return "{}", nil
	case 1:
		return documents[0], nil
	}
	var merged struct {
		Version   string
		Statement []json.RawMessage
	}
	merged.Version = "2012-10-17"
	for _, document := range documents {
		list, err := statements(document)
		if err != nil {
			return "", err
		}
		merged.Statement = append(merged.Statement, list...)
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(merged); err != nil {
		return "", fmt.Errorf("merge policies: %w", err)
	}
	return string(bytes.TrimSpace(text.Bytes())), nil
}

// statements are the statements of a document, which may have one that stands
// without a list.
func statements(document string) ([]json.RawMessage, error) {
	var parts struct{ Statement json.RawMessage }
	if err := json.Unmarshal([]byte(document), &parts); err != nil {
		return nil, fmt.Errorf("merge policies: %w", err)
	}
	if !bytes.HasPrefix(parts.Statement, []byte("[")) {
		return []json.RawMessage{parts.Statement}, nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(parts.Statement, &list); err != nil {
		return nil, fmt.Errorf("merge policies: %w", err)
	}
	return list, nil
}
