package worldfile

import (
	"encoding/json"
	"maps"
	"strings"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

func (x *exporter) managedPolicy(r store.Resource, e *Entry) (bool, error) {
	p, err := identity.ReadPolicy(x.Tx, r.ARN)
	if err != nil {
		return false, err
	}
	v, ok := p.Version(p.Default)
	if !ok || p.ForService() {
		x.leave("managed policy of a service")
		return false, nil
	}
	if len(p.Versions) > 1 {
		x.leave("managed policy's versions but the default one")
	}
	e.Members["PolicyDocument"] = json.RawMessage(v.Document)
	if p.Description != "" {
		e.Members["Description"] = p.Description
	}
	return true, nil
}

func (x *exporter) parameter(r store.Resource, e *Entry) (bool, error) {
	var last map[string]any
	versions := 0
	in := map[string]any{"Name": r.Name, "WithDecryption": true}
	for {
		answer, err := x.get(r.ARN, "ssm", "GetParameterHistory", in)
		if err != nil {
			if strings.Contains(err.Error(), "ParameterNotFound") { // it has expired
				return false, nil
			}
			x.leave("parameter that cannot be decrypted")
			return false, nil
		}
		for _, one := range items(answer["Parameters"]) {
			last = one
			versions++
		}
		if answer["NextToken"] == nil {
			break
		}
		in["NextToken"] = answer["NextToken"]
	}
	if versions > 1 {
		x.leave("parameter's versions but the last")
	}
	var policies []json.RawMessage
	for _, p := range items(last["Policies"]) {
		text, _ := p["PolicyText"].(string)
		policies = append(policies, json.RawMessage(text))
	}
	delete(last, "Policies")
	if policies != nil {
		text, err := json.Marshal(policies)
		if err != nil {
			return false, err
		}
		last["Policies"] = string(text)
	}
	k, _ := kindOfSection("parameters")
	x.keep(k, last, e)
	e.own("labels", last["Labels"])
	return true, nil
}

func (x *exporter) permission(r store.Resource, e *Entry) (bool, error) {
	answer, err := x.get(r.ARN, "ram", "GetPermission", map[string]any{"permissionArn": r.ARN})
	if err != nil {
		return false, err
	}
	p, _ := answer["permission"].(map[string]any)
	if p["featureSet"] != "STANDARD" {
		return false, nil // it follows from a policy
	}
	if p["version"] != "1" {
		x.leave("permission's versions but the default one")
	}
	e.Members = maps.Clone(map[string]any{"resourceType": p["resourceType"], "policyTemplate": p["permission"]})
	return true, nil
}
