package ssm

import (
	"encoding/json"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// describeOpsItems lists the OpsItems of the caller's own account that match every filter. A filter matches
// if one of its values matches.
func (s ssm) describeOpsItems(c *operation.Call, in *DescribeOpsItemsInput) (*DescribeOpsItemsOutput, error) {
	for _, f := range in.OpsItemFilters {
		if err := checkFilter(f); err != nil {
			return nil, err
		}
	}
	page, err := pageOfRows(apiDescribeOpsItems.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[store.Resource, error] {
		return c.Tx.Resources(store.Query{Service: api.Name, Type: opsItemType, Account: c.Account(), Region: c.Region, After: after})
	}, func(r store.Resource) (OpsItemSummary, bool, error) {
		v, err := operation.Decode[opsItemRecord](r)
		if err != nil {
			return OpsItemSummary{}, false, err
		}
		o := v.describe(r)
		for _, f := range in.OpsItemFilters {
			if !passes(r, o, f) {
				return OpsItemSummary{}, false, nil
			}
		}
		return summarize(o), true, nil
	})
	return &DescribeOpsItemsOutput{OpsItemSummaries: page.Items, NextToken: page.Next}, err
}

func summarize(o *OpsItem) OpsItemSummary {
	return OpsItemSummary{
		CreatedBy: o.CreatedBy, CreatedTime: o.CreatedTime, LastModifiedBy: o.LastModifiedBy, LastModifiedTime: o.LastModifiedTime,
		Priority: o.Priority, Source: o.Source, Status: o.Status, OpsItemID: o.OpsItemID, Title: o.Title,
		OperationalData: searchableData(o.OperationalData), Category: o.Category, Severity: o.Severity, OpsItemType: o.OpsItemType,
		ActualStartTime: o.ActualStartTime, ActualEndTime: o.ActualEndTime,
		PlannedStartTime: o.PlannedStartTime, PlannedEndTime: o.PlannedEndTime,
	}
}

// The operators that filters support, by key; other keys support only Equal.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeOpsItems.html
var filterOperators = map[OpsItemFilterKey][]OpsItemFilterOperator{
	OpsItemFilterKeyCreatedBy:            {OpsItemFilterOperatorEqual, OpsItemFilterOperatorContains},
	OpsItemFilterKeySource:               {OpsItemFilterOperatorEqual, OpsItemFilterOperatorContains},
	OpsItemFilterKeyTitle:                {OpsItemFilterOperatorEqual, OpsItemFilterOperatorContains},
	OpsItemFilterKeyOperationalDataValue: {OpsItemFilterOperatorEqual, OpsItemFilterOperatorContains},
	OpsItemFilterKeyResourceId:           {OpsItemFilterOperatorContains},
	OpsItemFilterKeyCreatedTime:          {OpsItemFilterOperatorGreaterThan, OpsItemFilterOperatorLessThan},
	OpsItemFilterKeyLastModifiedTime:     {OpsItemFilterOperatorGreaterThan, OpsItemFilterOperatorLessThan},
	OpsItemFilterKeyActualStartTime:      {OpsItemFilterOperatorGreaterThan, OpsItemFilterOperatorLessThan},
	OpsItemFilterKeyActualEndTime:        {OpsItemFilterOperatorGreaterThan, OpsItemFilterOperatorLessThan},
	OpsItemFilterKeyPlannedStartTime:     {OpsItemFilterOperatorGreaterThan, OpsItemFilterOperatorLessThan},
	OpsItemFilterKeyPlannedEndTime:       {OpsItemFilterOperatorGreaterThan, OpsItemFilterOperatorLessThan},
}

// maxTitleFilter is the number of characters of a title that Equal compares.
const maxTitleFilter = 100

func checkFilter(f OpsItemFilter) error {
	bad := func(reason string) error { return opsItemParameter("OpsItemFilters", reason) }
	operators, ok := filterOperators[f.Key]
	if !ok {
		operators = []OpsItemFilterOperator{OpsItemFilterOperatorEqual}
	}
	switch {
	case len(f.Values) == 0:
		return bad("The filter " + string(f.Key) + " needs a value.")
	case !slices.Contains(operators, f.Operator):
		return bad("The filter " + string(f.Key) + " can't have the operator " + string(f.Operator) + ".")
	}
	for _, value := range f.Values {
		_, isTime := filterTime(value)
		_, _, isPair := filterPair(value)
		switch {
		case slices.Contains(operators, OpsItemFilterOperatorLessThan) && !isTime:
			return bad("The filter " + string(f.Key) + " needs a time, such as 2026-11-22T08:00:00Z.")
		case f.Key == OpsItemFilterKeyOperationalData && !isPair:
			return bad(`The filter OperationalData needs a pair, such as {"key":"name","value":"text"}.`)
		case f.Key == OpsItemFilterKeyTitle && f.Operator == OpsItemFilterOperatorEqual && len([]rune(value)) > maxTitleFilter:
			return bad("The value of the filter Title exceeds the length limit of 100 characters.")
		}
	}
	return nil
}

// passes reports whether an OpsItem matches a valid filter.
func passes(r store.Resource, o *OpsItem, f OpsItemFilter) bool {
	return slices.ContainsFunc(f.Values, func(value string) bool {
		if at, ok := timeOf(o, f.Key); ok {
			than, _ := filterTime(value)
			return at != nil && (f.Operator == OpsItemFilterOperatorLessThan && at.Before(than) ||
				f.Operator == OpsItemFilterOperatorGreaterThan && at.After(than))
		}
		if f.Key == OpsItemFilterKeyOperationalData {
			key, text, _ := filterPair(value)
			has, ok := searchableData(o.OperationalData)[key]
			return ok && *has.Value == text
		}
		return slices.ContainsFunc(filterTexts(r, o, f.Key), func(text string) bool {
			switch {
			case f.Operator == OpsItemFilterOperatorContains:
				return strings.Contains(text, value)
			case f.Key == OpsItemFilterKeyTitle:
				title := []rune(text)
				text = string(title[:min(len(title), maxTitleFilter)])
			}
			return text == value
		})
	})
}

// timeOf returns the time to which a filter key refers, or false if it refers to none.
func timeOf(o *OpsItem, key OpsItemFilterKey) (at *time.Time, ok bool) {
	switch key {
	case OpsItemFilterKeyCreatedTime:
		return o.CreatedTime, true
	case OpsItemFilterKeyLastModifiedTime:
		return o.LastModifiedTime, true
	case OpsItemFilterKeyActualStartTime:
		return o.ActualStartTime, true
	case OpsItemFilterKeyActualEndTime:
		return o.ActualEndTime, true
	case OpsItemFilterKeyPlannedStartTime:
		return o.PlannedStartTime, true
	case OpsItemFilterKeyPlannedEndTime:
		return o.PlannedEndTime, true
	}
	return nil, false
}

// filterTexts returns the texts to which a filter key refers. Access requests and change requests have filter
// keys of their own, and do not exist in Writ.
func filterTexts(r store.Resource, o *OpsItem, key OpsItemFilterKey) []string {
	seen := searchableData(o.OperationalData)
	var texts []string
	switch key {
	case OpsItemFilterKeyStatus:
		return []string{string(*o.Status)}
	case OpsItemFilterKeyCreatedBy:
		return stringList(o.CreatedBy)
	case OpsItemFilterKeySource:
		return stringList(o.Source)
	case OpsItemFilterKeyTitle:
		return stringList(o.Title)
	case OpsItemFilterKeyOpsItemId:
		return stringList(o.OpsItemID)
	case OpsItemFilterKeyCategory:
		return stringList(o.Category)
	case OpsItemFilterKeySeverity:
		return stringList(o.Severity)
	case OpsItemFilterKeyOpsItemType:
		return stringList(o.OpsItemType)
	case OpsItemFilterKeyAccountId:
		return []string{r.Account}
	case OpsItemFilterKeyPriority:
		if o.Priority != nil {
			return []string{strconv.Itoa(*o.Priority)}
		}
	case OpsItemFilterKeyResourceId:
		texts, _ = relatedResources(o.OperationalData)
	case OpsItemFilterKeyAutomationId:
		texts, _ = automations(o.OperationalData)
	case OpsItemFilterKeyOperationalDataKey:
		for key := range seen {
			texts = append(texts, key)
		}
	case OpsItemFilterKeyOperationalDataValue:
		for _, v := range seen {
			texts = append(texts, *v.Value)
		}
	}
	return texts
}

func stringList(text *string) []string {
	if text == nil {
		return nil
	}
	return []string{*text}
}

// filterTime parses a time in a filter: a date, or seconds since 1970.
func filterTime(text string) (at time.Time, ok bool) {
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(seconds, 0), true
	}
	at, err := time.Parse(time.RFC3339, text)
	return at, err == nil
}

// filterPair parses a key of operational data and its value in a filter.
func filterPair(text string) (key, value string, ok bool) {
	var pair struct{ Key, Value *string }
	if json.Unmarshal([]byte(text), &pair) != nil || pair.Key == nil || pair.Value == nil {
		return "", "", false
	}
	return *pair.Key, *pair.Value, true
}
