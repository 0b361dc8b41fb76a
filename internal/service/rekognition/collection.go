package rekognition

import (
	"errors"
	"slices"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// A collection of faces is a record with users. Faces are never indexed.

// faceModel is the model version of collections.
const faceModel = "7.0"

// collectionRecord is the stored state of a collection.
type collectionRecord struct {
	Users []string `json:",omitzero"` // ids, sorted
}

// The limits of lists.
const (
	maxUsers = 100000
	userPage = 500
	manyPage = 4096
)

// onCollection returns the target function for a member that is the id of a collection.
func onCollection[In any](member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		return authz.Target{ARN: collectionARN(c, member(in))}, nil
	}
}

func collectionARN(c *operation.Call, id string) string {
	n := newProjectName(c, id)
	n.Type, n.Stamp = collectionType, ""
	return n.String()
}

// newCollection returns the target of CreateCollection, which has no resource.
func (s *rekognition) newCollection(_ *operation.Call, in *CreateCollectionInput) (authz.Target, error) {
	return authz.Target{ARN: "*", RequestTags: in.Tags}, nil
}

func (s *rekognition) createCollection(c *operation.Call, in *CreateCollectionInput) (*CreateCollectionOutput, error) {
	arn := collectionARN(c, in.CollectionID)
	r, err := operation.Record(c, store.Resource{
		ARN: arn, Service: api.Name, Type: collectionType, Account: c.Account(), Region: c.Region, Name: in.CollectionID,
	}, collectionRecord{})
	if err != nil {
		return nil, err
	}
	err = c.Tx.InsertResource(r)
	if errors.Is(err, store.ErrExists) {
		return nil, errResourceAlreadyExists("The collection id: %s already exists", in.CollectionID)
	}
	if err != nil {
		return nil, err
	}
	return &CreateCollectionOutput{StatusCode: new(200), CollectionARN: &arn, FaceModelVersion: new(faceModel)}, operation.SetTags(c, arn, in.Tags, errInvalidParameter)
}

// loadCollection reads a collection of the caller's account.
func loadCollection(c *operation.Call, id string) (store.Resource, *collectionRecord, error) {
	r, err := c.Tx.Resource(collectionARN(c, id))
	if errors.Is(err, store.ErrNotFound) {
		return r, nil, errResourceNotFound("The collection id: %s does not exist", id)
	}
	if err != nil {
		return r, nil, err
	}
	v, err := operation.Decode[collectionRecord](r)
	return r, v, err
}

func (s *rekognition) describeCollection(c *operation.Call, in *DescribeCollectionInput) (*DescribeCollectionOutput, error) {
	r, v, err := loadCollection(c, in.CollectionID)
	if err != nil {
		return nil, err
	}
	return &DescribeCollectionOutput{
		FaceCount: new(int64), FaceModelVersion: new(faceModel), CollectionARN: &r.ARN,
		CreationTimestamp: timestamp(r.CreatedAt), UserCount: new(int64(len(v.Users))),
	}, nil
}

func (s *rekognition) listCollections(c *operation.Call, in *ListCollectionsInput) (*ListCollectionsOutput, error) {
	after, err := afterToken(apiListCollections.Name, in.NextToken)
	if err != nil {
		return nil, err
	}
	query := store.Query{Service: api.Name, Type: collectionType, Account: c.Account(), Prefix: collectionARN(c, ""), After: after}
	p, err := operation.Paginate(apiListCollections.Name, limitOf(in.MaxResults, manyPage), func(yield func(operation.Keyed[string], error) bool) {
		for r, err := range c.Tx.Resources(query) {
			if !yield(operation.Keyed[string]{Key: r.ARN, Item: r.Name}, err) {
				return
			}
		}
	})
	if err != nil {
		return nil, err
	}
	out := &ListCollectionsOutput{CollectionIDs: p.Items, NextToken: p.Next, FaceModelVersions: []string{}}
	for range p.Items {
		out.FaceModelVersions = append(out.FaceModelVersions, faceModel)
	}
	return out, nil
}

func (s *rekognition) deleteCollection(c *operation.Call, in *DeleteCollectionInput) (*DeleteCollectionOutput, error) {
	r, _, err := loadCollection(c, in.CollectionID)
	if err != nil {
		return nil, err
	}
	return &DeleteCollectionOutput{StatusCode: new(200)}, c.Tx.DeleteResource(r.ARN)
}

// once is operation.Once for an optional token.
func once[In, Out any](c *operation.Call, op string, token *string, in In, make func() (Out, error)) (Out, error) {
	if token == nil {
		return make()
	}
	out, err := operation.Once(c, api.Name+":"+op, *token, in, make)
	if errors.Is(err, operation.ErrTokenMismatch) {
		err = errIdempotentParameterMismatch("A ClientRequestToken input parameter was reused with an operation, but at least one of the other input parameters is different from the previous call to the operation.")
	}
	return out, err
}

func (s *rekognition) createUser(c *operation.Call, in *CreateUserInput) (*CreateUserOutput, error) {
	return once(c, apiCreateUser.Name, in.ClientRequestToken, in, func() (*CreateUserOutput, error) {
		r, v, err := loadCollection(c, in.CollectionID)
		if err != nil {
			return nil, err
		}
		at, found := slices.BinarySearch(v.Users, in.UserID)
		switch {
		case found:
			return nil, errConflict("A User with the same Id already exists within the collection.")
		case len(v.Users) >= maxUsers:
			return nil, errServiceQuotaExceeded("A collection may have at most %d users.", maxUsers)
		}
		v.Users = slices.Insert(v.Users, at, in.UserID)
		return &CreateUserOutput{}, update(c, r, v)
	})
}

// deleteUser deletes a user of a collection.
func (s *rekognition) deleteUser(c *operation.Call, in *DeleteUserInput) (*DeleteUserOutput, error) {
	return once(c, apiDeleteUser.Name, in.ClientRequestToken, in, func() (*DeleteUserOutput, error) {
		r, v, err := loadCollection(c, in.CollectionID)
		if err != nil {
			return nil, err
		}
		at, found := slices.BinarySearch(v.Users, in.UserID)
		if !found {
			return nil, errResourceNotFound("The user id: %s does not exist", in.UserID)
		}
		v.Users = slices.Delete(v.Users, at, at+1)
		return &DeleteUserOutput{}, update(c, r, v)
	})
}

func (s *rekognition) listUsers(c *operation.Call, in *ListUsersInput) (*ListUsersOutput, error) {
	_, v, err := loadCollection(c, in.CollectionID)
	if err != nil {
		return nil, err
	}
	users := []User{}
	for _, id := range v.Users {
		users = append(users, User{UserID: &id, UserStatus: new(UserStatusCreated)})
	}
	p, err := pageOf(apiListUsers.Name, new(limitOf(in.MaxResults, userPage)), in.NextToken, users)
	if err != nil {
		return nil, err
	}
	return &ListUsersOutput{Users: p.Items, NextToken: p.Next}, nil
}

func (s *rekognition) listFaces(c *operation.Call, in *ListFacesInput) (*ListFacesOutput, error) {
	if _, _, err := loadCollection(c, in.CollectionID); err != nil {
		return nil, err
	}
	if _, err := afterToken(apiListFaces.Name, in.NextToken); err != nil {
		return nil, err
	}
	return &ListFacesOutput{Faces: []Face{}, FaceModelVersion: new(faceModel)}, nil
}
