package iam

import (
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

const serviceRolePath = "/aws-service-role/"

func suffix(in *CreateServiceLinkedRoleInput) string {
	if in.CustomSuffix == nil {
		return ""
	}
	return *in.CustomSuffix
}

func servicePath(principal string) string { return serviceRolePath + principal + "/" }

func createServiceLinkedRole(c *operation.Call, in *CreateServiceLinkedRoleInput) (*CreateServiceLinkedRoleOutput, error) {
	known, ok := identity.ServiceLinkedRoles[in.AWSServiceName]
	switch {
	case !ok:
		return nil, errInvalidInput("Writ makes no service-linked role for %s.", in.AWSServiceName)
	case in.CustomSuffix != nil && !known.Suffix:
		return nil, errInvalidInput("Custom suffix is not allowed for %s", in.AWSServiceName)
	}
	name := identity.ServiceRoleName(in.AWSServiceName, suffix(in))
	taken, err := identity.NameTaken(c.Tx, identity.RoleKind, c.Partition, c.Account(), name)
	if err != nil {
		return nil, err
	}
	if taken {
		return nil, errInvalidInput("Service role name %s has been taken in this account, please try a different suffix.", name)
	}
	if err := checkQuota(c, identity.RoleKind); err != nil {
		return nil, err
	}
	role := identity.NewServiceLinkedRole(c.Partition, c.Account(), in.AWSServiceName, suffix(in))
	role.CreatedAt = c.Now
	if in.Description != nil {
		role.Description = *in.Description
	}
	if err := identity.PutRole(c.Tx, role, c.Now); err != nil {
		return nil, err
	}
	v, err := createdRole(c, role)
	return &CreateServiceLinkedRoleOutput{Role: v}, err
}

// deleteServiceLinkedRole deletes the role immediately. The deletion task is stored as a
// client token.
func deleteServiceLinkedRole(c *operation.Call, in *DeleteServiceLinkedRoleInput) (*DeleteServiceLinkedRoleOutput, error) {
	role, err := findRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	if role.Service == "" {
		return nil, errNoSuchEntity("The role with name %s is no service-linked role.", in.RoleName)
	}
	if err := identity.DeleteRole(c.Tx, role, c.Now); err != nil {
		return nil, err
	}
	task := "task" + role.Path + role.Name + "/" + c.NewID()
	err = c.Tx.PutToken(store.Token{TokenKey: taskKey(c, task), Output: []byte("{}"), CreatedAt: c.Now})
	return &DeleteServiceLinkedRoleOutput{DeletionTaskID: task}, err
}

func taskKey(c *operation.Call, task string) store.TokenKey {
	return store.TokenKey{Account: c.Account(), Operation: api.Name + ":" + apiDeleteServiceLinkedRole.Name, Token: task}
}

// onTask is the target of GetServiceLinkedRoleDeletionStatus: the role of the task, whose
// ARN is derived from the task's id.
func onTask(c *operation.Call, in *GetServiceLinkedRoleDeletionStatusInput) (authz.Target, error) {
	role := strings.TrimPrefix(in.DeletionTaskID, "task")
	role = role[:max(strings.LastIndexByte(role, '/'), 0)]
	return authz.Target{ARN: newARN(c, identity.RoleKind, role, "")}, nil
}

func getServiceLinkedRoleDeletionStatus(c *operation.Call, in *GetServiceLinkedRoleDeletionStatusInput) (*GetServiceLinkedRoleDeletionStatusOutput, error) {
	_, err := c.Tx.Token(taskKey(c, in.DeletionTaskID))
	if isNotFound(err) {
		return nil, errNoSuchEntity("The deletion task %s cannot be found.", in.DeletionTaskID)
	}
	return &GetServiceLinkedRoleDeletionStatusOutput{Status: DeletionTaskStatusTypeSucceeded}, err
}
