package rekognition

import (
	_ "embed"

	"github.com/writdev/writ/internal/operation"
)

// actionReference is the part of the service authorization reference about the service's actions.
//
//go:embed authorization.json
var actionReference []byte

// Config configures the service. The zero value is valid.
type Config struct {
	Lifecycle operation.Lifecycle
}

// rekognition implements the handlers. It has no state outside the store.
type rekognition struct {
	lifecycle operation.Lifecycle
}

// New returns the service.
func New(cfg Config) *operation.Service {
	s := &rekognition{lifecycle: cfg.Lifecycle}
	w := api
	w.Invalid = invalid
	w.ExtendError = addErrorMembers
	const (
		read  = operation.Read
		write = operation.Write
		owner = operation.OwnerWrite
	)
	return &operation.Service{
		API:           &w,
		Authorization: actionReference,
		Locate:        locate,
		NotOwner:      notOwner(),
		Operations: []operation.Operation{
			operation.Row(&w, apiPutProjectPolicy, owner, operation.On(func(in *PutProjectPolicyInput) string { return in.ProjectARN }), s.putProjectPolicy),
			operation.Row(&w, apiListProjectPolicies, read, operation.On(func(in *ListProjectPoliciesInput) string { return in.ProjectARN }), s.listProjectPolicies),
			operation.Row(&w, apiDeleteProjectPolicy, owner, operation.On(func(in *DeleteProjectPolicyInput) string { return in.ProjectARN }), s.deleteProjectPolicy),

			operation.Row(&w, apiCreateProject, write, s.newProject, s.createProject),
			operation.Row(&w, apiDescribeProjects, read, operation.OnAll, s.describeProjects),
			operation.Row(&w, apiDeleteProject, owner, operation.On(func(in *DeleteProjectInput) string { return in.ProjectARN }), s.deleteProject),

			operation.Row(&w, apiCreateProjectVersion, owner, s.newVersion, s.createProjectVersion),
			operation.Row(&w, apiCopyProjectVersion, write, s.copyTarget, s.copyProjectVersion),
			operation.Row(&w, apiDescribeProjectVersions, read, operation.On(func(in *DescribeProjectVersionsInput) string { return in.ProjectARN }), s.describeProjectVersions),
			operation.Row(&w, apiStartProjectVersion, owner, operation.On(func(in *StartProjectVersionInput) string { return in.ProjectVersionARN }), s.startProjectVersion),
			operation.Row(&w, apiStopProjectVersion, owner, operation.On(func(in *StopProjectVersionInput) string { return in.ProjectVersionARN }), s.stopProjectVersion),
			operation.Row(&w, apiDeleteProjectVersion, owner, operation.On(func(in *DeleteProjectVersionInput) string { return in.ProjectVersionARN }), s.deleteProjectVersion),

			operation.Row(&w, apiCreateDataset, owner, s.newDataset, s.createDataset),
			operation.Row(&w, apiDescribeDataset, read, operation.On(func(in *DescribeDatasetInput) string { return in.DatasetARN }), s.describeDataset),
			operation.Row(&w, apiListDatasetEntries, read, operation.On(func(in *ListDatasetEntriesInput) string { return in.DatasetARN }), s.listDatasetEntries),
			operation.Row(&w, apiListDatasetLabels, read, operation.On(func(in *ListDatasetLabelsInput) string { return in.DatasetARN }), s.listDatasetLabels),
			operation.Row(&w, apiUpdateDatasetEntries, owner, operation.On(func(in *UpdateDatasetEntriesInput) string { return in.DatasetARN }), s.updateDatasetEntries),
			operation.Row(&w, apiDistributeDatasetEntries, owner, s.distributeTarget, s.distributeDatasetEntries),
			operation.Row(&w, apiDeleteDataset, owner, operation.On(func(in *DeleteDatasetInput) string { return in.DatasetARN }), s.deleteDataset),

			operation.Row(&w, apiDetectCustomLabels, read, operation.On(func(in *DetectCustomLabelsInput) string { return in.ProjectVersionARN }), s.detectCustomLabels),

			operation.Row(&w, apiCreateCollection, write, s.newCollection, s.createCollection),
			operation.Row(&w, apiDescribeCollection, read, onCollection(func(in *DescribeCollectionInput) string { return in.CollectionID }), s.describeCollection),
			operation.Row(&w, apiListCollections, read, operation.OnAll, s.listCollections),
			operation.Row(&w, apiDeleteCollection, owner, onCollection(func(in *DeleteCollectionInput) string { return in.CollectionID }), s.deleteCollection),
			operation.Row(&w, apiCreateUser, owner, onCollection(func(in *CreateUserInput) string { return in.CollectionID }), s.createUser),
			operation.Row(&w, apiListUsers, read, onCollection(func(in *ListUsersInput) string { return in.CollectionID }), s.listUsers),
			operation.Row(&w, apiDeleteUser, owner, onCollection(func(in *DeleteUserInput) string { return in.CollectionID }), s.deleteUser),
			operation.Row(&w, apiListFaces, read, onCollection(func(in *ListFacesInput) string { return in.CollectionID }), s.listFaces),

			operation.Row(&w, apiTagResource, owner, s.tagged, s.tagResource),
			operation.Row(&w, apiUntagResource, owner, s.untagged, s.untagResource),
			operation.Row(&w, apiListTagsForResource, read, operation.On(func(in *ListTagsForResourceInput) string { return in.ResourceARN }), s.listTagsForResource),
		},
	}
}
