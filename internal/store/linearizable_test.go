package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/store/pgtest"
)

// casInput is a read of a policy, or a change of it by who has read another: policies that
// AWS's clients replace by hash (SSM) or revision (Rekognition).
type casInput struct {
	object int
	write  bool
	saw    string // the document that the hash belongs to
	put    string // the new document; no two are equal
}

type casOutput struct {
	document string // of a read
	refused  bool   // the hash was not the present one
	unknown  bool   // nobody can say whether the write took place
}

// casModel says what one policy does. Its state is the document.
var casModel = (&porcupine.NondeterministicModel{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byObject := map[int][]porcupine.Operation{}
		for _, op := range history {
			object := op.Input.(casInput).object
			byObject[object] = append(byObject[object], op)
		}
		var parts [][]porcupine.Operation
		for _, part := range byObject {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() []any { return []any{""} },
	Step: func(state, input, output any) []any {
		in, out, now := input.(casInput), output.(casOutput), state.(string)
		switch {
		case !in.write && out.document == now:
			return []any{now}
		case !in.write:
			return nil
		case out.unknown && in.saw == now:
			return []any{now, in.put}
		case out.unknown, out.refused && in.saw != now:
			return []any{now}
		case !out.refused && in.saw == now:
			return []any{in.put}
		}
		return nil
	},
	Equal: func(a, b any) bool { return a == b },
}).ToModel()

// casObject is a policy as clients of both nodes see it.
type casObject interface {
	// read returns the document and what a write must say to replace it; "" for none.
	read(ctx context.Context, node int) (document string, version [2]*string, err error)
	write(ctx context.Context, node int, document string, version [2]*string) error
}

type parameterPolicy struct {
	arn     string
	clients []*ssm.Client // by node
}

func (p parameterPolicy) read(ctx context.Context, node int) (string, [2]*string, error) {
	out, err := p.clients[node].GetResourcePolicies(ctx, &ssm.GetResourcePoliciesInput{ResourceArn: &p.arn})
	if err != nil || len(out.Policies) == 0 {
		return "", [2]*string{}, err
	}
	one := out.Policies[0]
	return *one.Policy, [2]*string{one.PolicyId, one.PolicyHash}, nil
}

func (p parameterPolicy) write(ctx context.Context, node int, document string, version [2]*string) error {
	_, err := p.clients[node].PutResourcePolicy(ctx, &ssm.PutResourcePolicyInput{ResourceArn: &p.arn, Policy: &document, PolicyId: version[0], PolicyHash: version[1]})
	return err
}

type projectPolicy struct {
	arn     string
	clients []*rekognition.Client // by node
}

func (p projectPolicy) read(ctx context.Context, node int) (string, [2]*string, error) {
	out, err := p.clients[node].ListProjectPolicies(ctx, &rekognition.ListProjectPoliciesInput{ProjectArn: &p.arn})
	if err != nil || len(out.ProjectPolicies) == 0 {
		return "", [2]*string{}, err
	}
	one := out.ProjectPolicies[0]
	return *one.PolicyDocument, [2]*string{one.PolicyName, one.PolicyRevisionId}, nil
}

func (p projectPolicy) write(ctx context.Context, node int, document string, version [2]*string) error {
	name := "one"
	_, err := p.clients[node].PutProjectPolicy(ctx, &rekognition.PutProjectPolicyInput{ProjectArn: &p.arn, PolicyDocument: &document, PolicyName: &name, PolicyRevisionId: version[1]})
	return err
}

// newObjects makes a parameter and a project, each with a policy; the document of each is
// returned, too.
func newObjects(t *testing.T, nodes []*node, round int) (objects []casObject, documents []string) {
	t.Helper()
	var params []*ssm.Client
	var projects []*rekognition.Client
	for _, n := range nodes {
		params = append(params, ssm.NewFromConfig(n.config(owner, "test")))
		projects = append(projects, rekognition.NewFromConfig(n.config(owner, "test")))
	}
	name := fmt.Sprint("round", round)
	ctx := t.Context()
	if _, err := params[0].PutParameter(ctx, &ssm.PutParameterInput{Name: &name, Value: new("x"), Type: ssmtypes.ParameterTypeString, Tier: ssmtypes.ParameterTierAdvanced}); err != nil {
		t.Fatal(err)
	}
	made, err := projects[0].CreateProject(ctx, &rekognition.CreateProjectInput{ProjectName: &name})
	if err != nil {
		t.Fatal(err)
	}
	objects = []casObject{
		parameterPolicy{"arn:aws:ssm:us-east-1:" + owner + ":parameter/" + name, params},
		projectPolicy{*made.ProjectArn, projects},
	}
	for i, o := range objects {
		documents = append(documents, casDocument(o, fmt.Sprint("first", i)))
		if err := o.write(ctx, 0, documents[i], [2]*string{}); err != nil {
			t.Fatal(err)
		}
	}
	return objects, documents
}

// casDocument is a document that an object can have, with a mark.
func casDocument(o casObject, mark string) string {
	actions, resource := `["ssm:GetParameter","ssm:GetParameters"]`, ""
	switch o := o.(type) {
	case parameterPolicy:
		resource = o.arn
	case projectPolicy:
		actions, resource = `"rekognition:CopyProjectVersion"`, "*"
	}
	return `{"Version":"2012-10-17","Statement":[{"Sid":"` + mark + `","Effect":"Allow","Principal":{"AWS":"` + consumer + `"},"Action":` + actions + `,"Resource":"` + resource + `"}]}`
}

// historyOf has clients read and replace policies over all nodes until each has done
// enough, and returns what they saw.
func historyOf(t *testing.T, objects []casObject, nodes, clients, each int) (history []porcupine.Operation, unknown int) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	start := time.Now()
	for client := range clients {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(client), uint64(start.UnixNano())))
			for n := range each {
				object, node := rng.IntN(len(objects)), rng.IntN(nodes)
				o := objects[object]
				called := time.Since(start)
				document, version, err := o.read(t.Context(), node)
				returned := time.Since(start)
				if err != nil {
					continue // a read that failed says nothing
				}
				read := porcupine.Operation{ClientId: client, Input: casInput{object: object}, Output: casOutput{document: document}, Call: int64(called), Return: int64(returned)}
				in := casInput{object, true, document, casDocument(o, fmt.Sprintf("c%dn%d", client, n))}
				called = time.Since(start)
				err = o.write(t.Context(), rng.IntN(nodes), in.put, version)
				returned = time.Since(start)
				out := casOutput{}
				api, answered := errors.AsType[smithy.APIError](err)
				switch {
				case err == nil:
				case answered && (api.ErrorCode() == "ResourcePolicyConflictException" || api.ErrorCode() == "InvalidPolicyRevisionIdException"):
					out.refused = true
				case answered && api.ErrorFault() == smithy.FaultClient:
					t.Errorf("write: %v", err)
				default:
					out.unknown, returned = true, time.Hour // it may still take place
				}
				write := porcupine.Operation{ClientId: client, Input: in, Output: out, Call: int64(called), Return: int64(returned)}
				if out.unknown { // the client goes on as another one
					write.ClientId = clients + client*each + n
				}
				mu.Lock()
				if out.unknown {
					unknown++
				}
				history = append(history, read, write)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return history, unknown
}

// startOf is the first operation of a history: the document that an object has at first.
func startOf(objects []casObject, documents []string) (history []porcupine.Operation) {
	for i := range objects {
		history = append(history, porcupine.Operation{ClientId: 1 << 20, Input: casInput{i, true, "", documents[i]}, Output: casOutput{}, Call: -2, Return: -1})
	}
	return history
}

// TestLinearizableOverNodes has 16 clients replace policies over two nodes while connections
// to PostgreSQL are ended, PostgreSQL is killed, and the connections to a node are cut off:
// one order of all requests that agrees with the clock explains every answer. FAILOVERS is
// in how many rounds, one kill of PostgreSQL each.
func TestLinearizableOverNodes(t *testing.T) {
	rounds := 2
	if text := os.Getenv("FAILOVERS"); text != "" {
		var err error
		if rounds, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	cluster := pgtest.Start(t)
	if err := store.Migrate(t.Context(), cluster.Address, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	sealer, err := keys.NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	nodes := []*node{newNode(t, cluster.Address, sealer), newNode(t, cluster.Address, sealer)}
	total, unknown := 0, 0
	for round := range rounds {
		objects, documents := newObjects(t, nodes, round)
		stop := make(chan struct{})
		var faults sync.WaitGroup
		faults.Go(func() { disturb(t, cluster, nodes, stop) })
		history, lost := historyOf(t, objects, len(nodes), 16, 20)
		close(stop)
		faults.Wait()
		total, unknown = total+len(history), unknown+lost
		switch porcupine.CheckOperationsTimeout(casModel, append(startOf(objects, documents), history...), time.Minute) {
		case porcupine.Illegal:
			t.Fatalf("round %d: no order of the %d requests explains what the clients saw", round, len(history))
		case porcupine.Unknown:
			t.Fatalf("round %d: %d requests, %d of unknown outcome: too many to decide", round, len(history), lost)
		}
	}
	t.Logf("%d rounds with a kill of PostgreSQL each, %d requests, %d of unknown outcome, %d transactions ran again",
		rounds, total, unknown, nodes[0].store.Statements().Retries+nodes[1].store.Statements().Retries)
	if total < rounds*100 {
		t.Errorf("%d requests in %d rounds", total, rounds)
	}
}

// disturb ends connections and kills PostgreSQL once, while clients work.
func disturb(t *testing.T, cluster *pgtest.Cluster, nodes []*node, stop chan struct{}) {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		case <-time.After(60 * time.Millisecond):
		}
		switch n {
		case 0:
			pgtest.Exec(t, cluster.Address, terminateOthers)
		case 1:
			nodes[0].http.CloseClientConnections()
		case 2:
			if err := cluster.Crash(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestLinearizableNoticesStaleMemory: with a node whose policies are those that it read
// last, the compare of compare-and-swap is broken, and the test above fails.
func TestLinearizableNoticesStaleMemory(t *testing.T) {
	sealer, err := keys.NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	address := pgtest.Address(t)
	nodes := []*node{newNode(t, address, sealer), newNode(t, address, sealer)}
	nodes[1].store.GoStale()
	objects, documents := newObjects(t, nodes, 0)
	history, _ := historyOf(t, objects, len(nodes), 8, 10)
	if porcupine.CheckOperationsTimeout(casModel, append(startOf(objects, documents), history...), time.Minute) != porcupine.Illegal {
		t.Error("the history of a node with a stale memory is linearizable")
	}
}
