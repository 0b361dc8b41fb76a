package fix

import (
	"strings"

	"github.com/writdev/writ/internal/decision"
)

// Put returns the call that replaces a policy by a document. Kind and name are those of decision records; the
// account is the one whose administrator makes the call.
func Put(kind, name, account, document string, read Read) (Call, error) {
	if kind == "scp" || kind == "rcp" {
		return Call{Account: account, Region: iamRegion, Service: "organizations", Operation: "UpdatePolicy", Params: []Param{
			{Name: "PolicyId", Value: name[strings.LastIndexByte(name, '/')+1:]}, {Name: "Content", Value: document},
		}}, nil
	}
	e := edit{
		Edit:   decision.Edit{Kind: kind, Policy: name, Account: account, Document: document},
		record: &decision.Record{Resource: name}, read: read,
	}
	call, err := e.call()
	call.Account = account
	return call, err
}
