package ssm

import (
	"regexp"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
)

// Checks of an OpsItem's members that the model cannot express.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateOpsItem.html

// The messages that the model defines for its exceptions.
const (
	textOpsItemAccessDenied = "You don't have permission to view OpsItems in the specified account. Verify that your account is configured either as a Systems Manager delegated administrator or that you are logged into the Organizations management account."
	textOpsItemExists       = "The OpsItem already exists."
	textOpsItemLimit        = "The request caused OpsItems to exceed one or more quotas."
	textOpsItemNotFound     = "The specified OpsItem ID doesn't exist. Verify the ID and try again."
	textOpsItemParameter    = "A specified parameter argument isn't valid. Verify the available arguments and try again."
)

// opsItemParameter returns the error for an invalid member; reason is a sentence.
func opsItemParameter(member, reason string) error {
	return errOpsItemInvalidParameter("%s %s", textOpsItemParameter, reason).With("ParameterNames", []string{member})
}

// opsItemLimit returns the error for a quota; kind names the quota.
func opsItemLimit(kind string, limit int) error {
	return errOpsItemLimitExceeded(textOpsItemLimit).
		With("ResourceTypes", []string{"OpsItem"}).With("Limit", limit).With("LimitType", kind)
}

// The valid values of members.
var (
	opsItemCategories = []string{"Availability", "Cost", "Performance", "Recovery", "Security"}
	opsItemSeverities = []string{"1", "2", "3", "4"}
	issueStatuses     = []OpsItemStatus{OpsItemStatusOpen, OpsItemStatusInProgress, OpsItemStatusResolved}
)

var opsItemID = regexp.MustCompile(`^oi-[0-9a-f]{12}$`)

// checkNewOpsItem checks a request that creates an OpsItem.
func checkNewOpsItem(in *CreateOpsItemInput) error {
	if in.OpsItemType != nil && *in.OpsItemType != issueType {
		return opsItemParameter("OpsItemType", "Writ makes OpsItems of the type "+issueType+" only.")
	}
	for _, reserved := range []string{"aws", "amazon", "amzn"} {
		if strings.Contains(strings.ToLower(in.Source), reserved) {
			return opsItemParameter("Source", `Source can't contain "`+reserved+`".`)
		}
	}
	if err := checkData(in.OperationalData); err != nil {
		return err
	}
	return checkMembers(in.Category, in.Severity, in.Notifications, in.RelatedOpsItems)
}

// checkChange checks a change of an OpsItem, except for its operational data as a whole.
func checkChange(v *opsItemRecord, in *UpdateOpsItemInput) error {
	if in.Status != nil && !slices.Contains(issueStatuses, *in.Status) {
		return opsItemParameter("Status", "Status can be Open, InProgress or Resolved.")
	}
	if changed, ok := in.OperationalData[dedupKey]; ok && !changed.equal(v.OperationalData[dedupKey]) {
		return opsItemParameter("OperationalData", "The deduplication string of an OpsItem can't be changed.")
	}
	for _, key := range in.OperationalDataToDelete {
		if key == dedupKey {
			return opsItemParameter("OperationalDataToDelete", "The deduplication string of an OpsItem can't be removed.")
		}
		if _, both := in.OperationalData[key]; both {
			return opsItemParameter("OperationalDataToDelete", "A key can't be set and removed by one call: "+key+".")
		}
	}
	return checkMembers(in.Category, in.Severity, in.Notifications, in.RelatedOpsItems)
}

// checkMembers checks the members that all requests about OpsItems can contain.
func checkMembers(category, severity *string, notifications []OpsItemNotification, related []RelatedOpsItem) error {
	if category != nil && !slices.Contains(opsItemCategories, *category) {
		return opsItemParameter("Category", "Category can be "+strings.Join(opsItemCategories, ", ")+".")
	}
	if severity != nil && !slices.Contains(opsItemSeverities, *severity) {
		return opsItemParameter("Severity", "Severity can be 1 to 4.")
	}
	for _, n := range notifications {
		if n.ARN == nil {
			return opsItemParameter("Notifications", "A notification needs an Arn.")
		}
		if a, err := arn.Parse(*n.ARN); err != nil || a.Service != "sns" {
			return opsItemParameter("Notifications", "Arn must be the ARN of an SNS topic.")
		}
	}
	for _, o := range related {
		if !opsItemID.MatchString(o.OpsItemID) {
			return opsItemParameter("RelatedOpsItems", "OpsItemId must be the id of an OpsItem.")
		}
	}
	return nil
}
