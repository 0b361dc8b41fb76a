package rekognition

import "github.com/writdev/writ/internal/service"

// Config says how the service behaves. The zero value works.
type Config struct {
	Lifecycle service.Lifecycle
}

// rekognition has the handlers as its methods. All its state is in the store.
type rekognition struct {
	lifecycle service.Lifecycle
}

// New makes the service.
func New(cfg Config) *service.Service {
	s := &rekognition{lifecycle: cfg.Lifecycle}
	w := api
	w.Invalid = invalid
	w.Dress = dress
	const (
		read  = service.Read
		write = service.Write
		owner = service.OwnerWrite
	)
	return &service.Service{
		API:      &w,
		NotOwner: notOwner(),
		Operations: []service.Operation{
			service.Row(&w, apiPutProjectPolicy, owner, service.On(func(in *PutProjectPolicyInput) string { return in.ProjectARN }), s.putProjectPolicy),
			service.Row(&w, apiListProjectPolicies, read, service.On(func(in *ListProjectPoliciesInput) string { return in.ProjectARN }), s.listProjectPolicies),
			service.Row(&w, apiDeleteProjectPolicy, owner, service.On(func(in *DeleteProjectPolicyInput) string { return in.ProjectARN }), s.deleteProjectPolicy),

			service.Row(&w, apiCreateProject, write, s.newProject, s.createProject),
			service.Row(&w, apiDescribeProjects, read, service.OnAll, s.describeProjects),
			service.Row(&w, apiDeleteProject, owner, service.On(func(in *DeleteProjectInput) string { return in.ProjectARN }), s.deleteProject),

			service.Row(&w, apiCreateProjectVersion, owner, s.newVersion, s.createProjectVersion),
			service.Row(&w, apiCopyProjectVersion, write, s.copiedVersion, s.copyProjectVersion),
			service.Row(&w, apiDescribeProjectVersions, read, service.On(func(in *DescribeProjectVersionsInput) string { return in.ProjectARN }), s.describeProjectVersions),
			service.Row(&w, apiStartProjectVersion, owner, service.On(func(in *StartProjectVersionInput) string { return in.ProjectVersionARN }), s.startProjectVersion),
			service.Row(&w, apiStopProjectVersion, owner, service.On(func(in *StopProjectVersionInput) string { return in.ProjectVersionARN }), s.stopProjectVersion),
			service.Row(&w, apiDeleteProjectVersion, owner, service.On(func(in *DeleteProjectVersionInput) string { return in.ProjectVersionARN }), s.deleteProjectVersion),

			service.Row(&w, apiCreateDataset, owner, s.newDataset, s.createDataset),
			service.Row(&w, apiDescribeDataset, read, service.On(func(in *DescribeDatasetInput) string { return in.DatasetARN }), s.describeDataset),
			service.Row(&w, apiListDatasetEntries, read, service.On(func(in *ListDatasetEntriesInput) string { return in.DatasetARN }), s.listDatasetEntries),
			service.Row(&w, apiDeleteDataset, owner, service.On(func(in *DeleteDatasetInput) string { return in.DatasetARN }), s.deleteDataset),

			service.Row(&w, apiTagResource, owner, s.tagged, s.tagResource),
			service.Row(&w, apiUntagResource, owner, s.untagged, s.untagResource),
			service.Row(&w, apiListTagsForResource, read, service.On(func(in *ListTagsForResourceInput) string { return in.ResourceARN }), s.listTagsForResource),
		},
	}
}
