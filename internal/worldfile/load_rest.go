package worldfile

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
)

// finish makes the calls that a resource needs after those of its kind.
func (l *loader) finish(path string, k *kind, e Entry, a arn.ARN) {
	own := func(member string) []string {
		list, _ := e.Own[member].(List)
		return list
	}
	do := func(member, operation string, in map[string]any) {
		l.do(call{path: path + "." + member, account: a.Account, region: a.Region, service: k.service, operation: operation, input: in})
	}
	_, name, _ := strings.Cut(a.Resource, "/")
	named, _ := k.named(a.Resource)
	if role, ok := e.Own["role"].(string); ok {
		long, err := l.source.names.full(role)
		if err != nil {
			l.source.fault(path+".role", "%v", err)
		}
		do("role", "AddRoleToInstanceProfile", map[string]any{"InstanceProfileName": name[strings.LastIndexByte(name, '/')+1:], "RoleName": long[strings.LastIndexByte(long, '/')+1:]})
	}
	if k.typ == "key" {
		l.finishKey(path, e, a, name)
	}
	if labels := own("labels"); len(labels) > 0 {
		do("labels", "LabelParameterVersion", map[string]any{"Name": k.input(named)["Name"], "Labels": labels})
	}
	if entries := own("entries"); len(entries) > 0 {
		lines := base64.StdEncoding.EncodeToString([]byte(strings.Join(entries, "\n")))
		do("entries", "UpdateDatasetEntries", map[string]any{"DatasetArn": a.String(), "Changes": map[string]any{"GroundTruth": lines}})
	}
	for _, user := range own("users") {
		do("users", "CreateUser", map[string]any{"CollectionId": name, "UserId": user})
	}
	if with := own("sharedWith"); len(with) > 0 {
		accounts := make([]string, len(with))
		for i, account := range with {
			if accounts[i] = account; !strings.EqualFold(account, "all") {
				accounts[i], _ = l.source.names.account(account)
			}
		}
		do("sharedWith", "ModifyDocumentPermission", map[string]any{"Name": name, "PermissionType": "Share", "AccountIdsToAdd": accounts})
	}
}

// replicate makes a replica of a multi-Region key.
func (l *loader) replicate(path string, k *kind, e Entry, a arn.ARN, primary string) bool {
	long, err := l.source.names.full(primary)
	of, _ := arn.Parse(long)
	switch {
	case err != nil:
		l.source.fault(path+".primary", "%v", err)
		return false
	case of.Account != a.Account || of.Resource != a.Resource || of.Region == a.Region:
		l.source.fault(path+".primary", "%s is not the primary key of %s: it has the same account and id, and another region", long, a)
		return false
	}
	in := map[string]any{"KeyId": long, "ReplicaRegion": a.Region, "BypassPolicyLockoutSafetyCheck": true}
	for _, member := range sortedKeys(e.Members) {
		if member != "Description" {
			l.source.fault(path+"."+k.spelled(member), "a replica has this of its primary key")
			return false
		}
		in[member] = e.Members[member]
	}
	if len(e.Tags) > 0 {
		in["Tags"] = l.tagsOf(k, e.Tags)
	}
	if len(e.Policies) > 0 {
		in[k.policy.doc] = l.resolve(e.Policies[0], k.place(a.String())).text
	}
	_, ok := l.do(call{path: path, account: of.Account, region: of.Region, service: k.service, operation: "ReplicateKey", input: in})
	return ok
}

// tagsOf writes tags in the form of the operation that makes the resources of a kind.
func (l *loader) tagsOf(k *kind, tags map[string]string) any {
	for field := range l.source.inputs[k.section].Fields() {
		if strings.EqualFold(wireName(field), "tags") {
			return tagsAs(field.Type, tags)
		}
	}
	return nil
}

// shares makes the resource shares, and accepts the invitations to them.
func (l *loader) shares() {
	for i, s := range l.Shares {
		path := fmt.Sprintf("shares[%d]", i)
		long, err := l.source.names.full(s.ARN)
		if err != nil {
			l.source.fault(path+".arn", "%v", err)
			continue
		}
		a, _ := arn.Parse(long)
		_, id, _ := strings.Cut(a.Resource, "/")
		name := s.Name
		if name == "" {
			_, name, _ = strings.Cut(s.ARN, "/")
		}
		in := map[string]any{
			"name": name, "resourceArns": l.each(path+".resources", s.Resources, l.source.names.full),
			"principals":     l.each(path+".principals", s.Principals, l.consumer),
			"permissionArns": l.each(path+".permissions", s.Permissions, l.source.names.full),
			"tags":           lowerTagList(s.Tags),
		}
		if s.AllowExternalPrincipals != nil {
			in["allowExternalPrincipals"] = *s.AllowExternalPrincipals
		}
		_, ok := l.do(call{path: path, account: a.Account, region: a.Region, service: "ram", operation: "CreateResourceShare", input: in, ids: []string{id}})
		if ok {
			l.accept(path, s, a)
		}
	}
}

// each resolves the names of a list.
func (l *loader) each(path string, list []string, resolve func(string) (string, error)) []string {
	out := []string{}
	for i, name := range list {
		long, err := resolve(name)
		if err != nil {
			l.source.fault(fmt.Sprintf("%s[%d]", path, i), "%v", err)
			continue
		}
		out = append(out, long)
	}
	return out
}

// consumer is a principal of a share: also the id of the organization or of a unit.
func (l *loader) consumer(name string) (string, error) {
	if o := l.Organization; o != nil && (strings.HasPrefix(name, "o-") || strings.HasPrefix(name, "ou-")) {
		if manager, err := l.source.names.account(o.ManagementAccount); err == nil {
			kind, id := "organization", name
			if strings.HasPrefix(name, "ou-") {
				kind, id = "ou", o.ID+"/"+name
			}
			return "arn:aws:organizations::" + manager + ":" + kind + "/" + id, nil
		}
	}
	return l.source.names.principal(name)
}

// accept accepts the invitations of the principals' accounts, but for the pending ones.
func (l *loader) accept(path string, s Share, share arn.ARN) {
	var pending []string
	for i, name := range s.Pending {
		account, err := l.source.names.account(name)
		if err != nil {
			l.source.fault(fmt.Sprintf("%s.pending[%d]", path, i), "%v", err)
		}
		pending = append(pending, account)
	}
	var accounts []string
	for _, name := range s.Principals {
		account, _ := l.consumer(name)
		if a, err := arn.Parse(account); err == nil {
			account = a.Account
		}
		if arn.IsAccountID(account) && account != share.Account && !slices.Contains(accounts, account) && !slices.Contains(pending, account) {
			accounts = append(accounts, account)
		}
	}
	for _, account := range accounts {
		c := call{path: path, account: account, region: share.Region, service: "ram", operation: "GetResourceShareInvitations",
			input: map[string]any{"resourceShareArns": []string{share.String()}}}
		answer, ok := l.do(c)
		if !ok {
			return
		}
		list, _ := answer["resourceShareInvitations"].([]any)
		for _, one := range list {
			invitation, _ := one.(map[string]any)
			if at(invitation, "status") != "PENDING" {
				continue
			}
			c.operation, c.input = "AcceptResourceShareInvitation", map[string]any{"resourceShareInvitationArn": at(invitation, "resourceShareInvitationArn")}
			l.do(c)
		}
	}
}

// projectOf is the project of a model version: the one that the file declares, or else the
// one of the version's own time.
func projectOf(version arn.ARN, projects []Entry, names *names) string {
	part := strings.Split(version.Resource, "/")
	for _, p := range projects {
		long, err := names.full(p.ARN)
		if a, bad := arn.Parse(long); err == nil && bad == nil && a.Account == version.Account && strings.HasPrefix(a.Resource, "project/"+part[1]+"/") {
			return long
		}
	}
	version.Resource = strings.Join([]string{"project", part[1], part[len(part)-1]}, "/")
	return version.String()
}

// tagsAs writes tags in the form of an operation: a mapping, or a list of structures with a
// key and a value.
func tagsAs(t reflect.Type, tags map[string]string) any {
	if t.Kind() != reflect.Slice {
		return tags
	}
	key, value := wireName(t.Elem().Field(0)), wireName(t.Elem().Field(1))
	list := []map[string]string{}
	for _, k := range sortedKeys(tags) {
		list = append(list, map[string]string{key: k, value: tags[k]})
	}
	return list
}

func tagList(tags map[string]string) any {
	list := []map[string]string{}
	for _, k := range sortedKeys(tags) {
		list = append(list, map[string]string{"Key": k, "Value": tags[k]})
	}
	return list
}

func lowerTagList(tags map[string]string) any {
	list := []map[string]string{}
	for _, k := range sortedKeys(tags) {
		list = append(list, map[string]string{"key": k, "value": tags[k]})
	}
	return list
}
