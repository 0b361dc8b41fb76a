package imagebuilder

import (
	"embed"
	"fmt"
	"strings"
	"sync"
)

// Amazon's workflows have the names and steps that its user guide shows; their documents
// here are of Writ.
//
//go:embed workflows/*.yaml
var workflowFiles embed.FS

// publishedWorkflows are the workflows, by the type of their ARNs.
var publishedWorkflows = []struct {
	typ  WorkflowType
	slug string
}{
	{WorkflowTypeBuild, "build-container"},
	{WorkflowTypeBuild, "build-image"},
	{WorkflowTypeDistribution, "distribute-container"},
	{WorkflowTypeDistribution, "distribute-image"},
	{WorkflowTypeTest, "test-container"},
	{WorkflowTypeTest, "test-image"},
}

const publishedWorkflowVersion = "1.0.0"

// publishedWorkflowRecords are what is kept of them, all but their ARNs, by slug.
var publishedWorkflowRecords = sync.OnceValues(func() (map[string]workflowRecord, error) {
	records := map[string]workflowRecord{}
	for _, w := range publishedWorkflows {
		text, err := workflowFiles.ReadFile("workflows/" + w.slug + ".yaml")
		if err != nil {
			return nil, err
		}
		doc, fault := parseWorkflow(string(text))
		if fault != "" {
			return nil, fmt.Errorf("workflow %s: %s", w.slug, fault)
		}
		records[w.slug] = workflowRecord{
			Workflow: Workflow{
				Name:        &w.slug,
				Version:     new(publishedWorkflowVersion),
				Description: new("The " + strings.ToLower(string(w.typ)) + " workflow that Image Builder runs unless another is named."),
				Type:        &w.typ,
				Owner:       new(publisher),
				Data:        new(string(text)),
				DateCreated: timestamp(publishedAt),
				Parameters:  doc.Parameters,
			},
			Steps: doc.Steps,
		}
	}
	return records, nil
})
