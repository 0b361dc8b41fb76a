package lsp

// The types of the protocol that the server uses, with the names of the specification.
type (
	position struct {
		Line      int `json:"line"`
		Character int `json:"character"`
	}
	span struct {
		Start position `json:"start"`
		End   position `json:"end"`
	}
	initializeParams struct {
		Capabilities struct {
			General struct {
				PositionEncodings []string `json:"positionEncodings"`
			} `json:"general"`
		} `json:"capabilities"`
	}
	documentID struct {
		URI string `json:"uri"`
	}
	openParams struct {
		TextDocument struct {
			URI     string `json:"uri"`
			Version int    `json:"version"`
			Text    string `json:"text"`
		} `json:"textDocument"`
	}
	changeParams struct {
		TextDocument struct {
			URI     string `json:"uri"`
			Version int    `json:"version"`
		} `json:"textDocument"`
		ContentChanges []struct {
			Text string `json:"text"`
		} `json:"contentChanges"`
	}
	positionParams struct {
		TextDocument documentID `json:"textDocument"`
		Position     position   `json:"position"`
	}
	actionParams struct {
		TextDocument documentID `json:"textDocument"`
		Range        span       `json:"range"`
	}
	documentParams struct {
		TextDocument documentID `json:"textDocument"`
	}
	diagnostic struct {
		Range           span              `json:"range"`
		Severity        int               `json:"severity"` // 1 error, 2 warning, 3 information, 4 hint
		Code            string            `json:"code"`
		CodeDescription map[string]string `json:"codeDescription"`
		Source          string            `json:"source"`
		Message         string            `json:"message"`
	}
	publishParams struct {
		URI         string       `json:"uri"`
		Version     int          `json:"version"`
		Diagnostics []diagnostic `json:"diagnostics"`
	}
	markup struct {
		Kind  string `json:"kind"`
		Value string `json:"value"`
	}
	hover struct {
		Contents markup `json:"contents"`
		Range    span   `json:"range"`
	}
	completionItem struct {
		Label    string    `json:"label"`
		Kind     int       `json:"kind"`
		Detail   string    `json:"detail,omitempty"`
		TextEdit *textEdit `json:"textEdit"`
	}
	completionList struct {
		IsIncomplete bool             `json:"isIncomplete"`
		Items        []completionItem `json:"items"`
	}
	textEdit struct {
		Range   span   `json:"range"`
		NewText string `json:"newText"`
	}
	workspaceEdit struct {
		Changes map[string][]textEdit `json:"changes"`
	}
	codeAction struct {
		Title       string        `json:"title"`
		Kind        string        `json:"kind"`
		Diagnostics []diagnostic  `json:"diagnostics"`
		Edit        workspaceEdit `json:"edit"`
	}
	command struct {
		Title   string `json:"title"`
		Command string `json:"command"`
	}
	codeLens struct {
		Range   span    `json:"range"`
		Command command `json:"command"`
	}
)
