package imagebuilder_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"

	"github.com/writdev/writ/writtest"
)

// shareable is one of the four types of resources that have a policy.
type shareable struct {
	name    string
	member  string // that names the resource in Put and Get
	pattern string
	actions []string
	make    func(c client, name string) string
	put     func(c client, arn, policy string) (echo, requestID *string, err error)
	get     func(c client, arn string) (policy, requestID *string, err error)
	read    func(c client, arn string) error
	remove  func(c client, arn string) error

	absent string   // an ARN that nothing stands at
	wrong  []string // ARNs that break the pattern
}

const (
	buildPattern  = `^arn:aws[^:]*:imagebuilder:[^:]+:(?:[0-9]{12}|aws(?:-[a-z-]+)?):TYPE/[a-z0-9-_]+/[0-9]+\.[0-9]+\.[0-9]+/[0-9]+$`
	recipePattern = `^arn:aws[^:]*:imagebuilder:[^:]+:(?:[0-9]{12}|aws):TYPE/[a-z0-9-_]+/(?:[0-9]+|x)\.(?:[0-9]+|x)\.(?:[0-9]+|x)$`
	own           = "arn:aws:imagebuilder:" + writtest.Region + ":" + alice + ":"
)

var shareables = []shareable{
	{
		name: "Image", member: "imageArn", pattern: strings.Replace(buildPattern, "TYPE", "image", 1),
		actions: []string{"GetImage", "ListImages"},
		make:    func(c client, name string) string { return c.anImage(name) },
		put: func(c client, arn, policy string) (*string, *string, error) {
			out, err := c.PutImagePolicy(ctx, &imagebuilder.PutImagePolicyInput{ImageArn: &arn, Policy: &policy})
			if err != nil {
				return nil, nil, err
			}
			return out.ImageArn, out.RequestId, nil
		},
		get: func(c client, arn string) (*string, *string, error) {
			out, err := c.GetImagePolicy(ctx, &imagebuilder.GetImagePolicyInput{ImageArn: &arn})
			if err != nil {
				return nil, nil, err
			}
			return out.Policy, out.RequestId, nil
		},
		read: func(c client, arn string) error {
			_, err := c.GetImage(ctx, &imagebuilder.GetImageInput{ImageBuildVersionArn: &arn})
			return err
		},
		remove: func(c client, arn string) error {
			_, err := c.DeleteImage(ctx, &imagebuilder.DeleteImageInput{ImageBuildVersionArn: &arn})
			return err
		},
		absent: own + "image/none/1.0.0/1",
		wrong:  []string{own + "image/web/1.0.0", own + "image/web/x.x.x", own + "image/web/1.x.x/1", own + "image-recipe/web/1.0.0"},
	},
	{
		name: "Component", member: "componentArn", pattern: strings.Replace(buildPattern, "TYPE", "component", 1),
		actions: []string{"GetComponent", "ListComponents"},
		make:    func(c client, name string) string { return c.component(name, "1.0.0") },
		put: func(c client, arn, policy string) (*string, *string, error) {
			out, err := c.PutComponentPolicy(ctx, &imagebuilder.PutComponentPolicyInput{ComponentArn: &arn, Policy: &policy})
			if err != nil {
				return nil, nil, err
			}
			return out.ComponentArn, out.RequestId, nil
		},
		get: func(c client, arn string) (*string, *string, error) {
			out, err := c.GetComponentPolicy(ctx, &imagebuilder.GetComponentPolicyInput{ComponentArn: &arn})
			if err != nil {
				return nil, nil, err
			}
			return out.Policy, out.RequestId, nil
		},
		read: func(c client, arn string) error {
			_, err := c.GetComponent(ctx, &imagebuilder.GetComponentInput{ComponentBuildVersionArn: &arn})
			return err
		},
		remove: func(c client, arn string) error {
			_, err := c.DeleteComponent(ctx, &imagebuilder.DeleteComponentInput{ComponentBuildVersionArn: &arn})
			return err
		},
		absent: own + "component/none/1.0.0/1",
		wrong:  []string{own + "component/web/1.0.0", own + "component/web/x.x.x", own + "image/web/1.0.0/1"},
	},
	{
		name: "ImageRecipe", member: "imageRecipeArn", pattern: strings.Replace(recipePattern, "TYPE", "image-recipe", 1),
		actions: []string{"GetImageRecipe", "ListImageRecipes"},
		make:    func(c client, name string) string { return c.recipe(name, "1.0.0", "ami-0123456789abcdef0") },
		put: func(c client, arn, policy string) (*string, *string, error) {
			out, err := c.PutImageRecipePolicy(ctx, &imagebuilder.PutImageRecipePolicyInput{ImageRecipeArn: &arn, Policy: &policy})
			if err != nil {
				return nil, nil, err
			}
			return out.ImageRecipeArn, out.RequestId, nil
		},
		get: func(c client, arn string) (*string, *string, error) {
			out, err := c.GetImageRecipePolicy(ctx, &imagebuilder.GetImageRecipePolicyInput{ImageRecipeArn: &arn})
			if err != nil {
				return nil, nil, err
			}
			return out.Policy, out.RequestId, nil
		},
		read: func(c client, arn string) error {
			_, err := c.GetImageRecipe(ctx, &imagebuilder.GetImageRecipeInput{ImageRecipeArn: &arn})
			return err
		},
		remove: func(c client, arn string) error {
			_, err := c.DeleteImageRecipe(ctx, &imagebuilder.DeleteImageRecipeInput{ImageRecipeArn: &arn})
			return err
		},
		absent: own + "image-recipe/none/x.x.x",
		wrong:  []string{own + "image-recipe/web/1.0.0/1", own + "image-recipe/web", own + "container-recipe/web/1.0.0"},
	},
	{
		name: "ContainerRecipe", member: "containerRecipeArn", pattern: strings.Replace(recipePattern, "TYPE", "container-recipe", 1),
		actions: []string{"GetContainerRecipe", "ListContainerRecipes"},
		make:    func(c client, name string) string { return c.containerRecipe(name, "1.0.0") },
		put: func(c client, arn, policy string) (*string, *string, error) {
			out, err := c.PutContainerRecipePolicy(ctx, &imagebuilder.PutContainerRecipePolicyInput{ContainerRecipeArn: &arn, Policy: &policy})
			if err != nil {
				return nil, nil, err
			}
			return out.ContainerRecipeArn, out.RequestId, nil
		},
		get: func(c client, arn string) (*string, *string, error) {
			out, err := c.GetContainerRecipePolicy(ctx, &imagebuilder.GetContainerRecipePolicyInput{ContainerRecipeArn: &arn})
			if err != nil {
				return nil, nil, err
			}
			return out.Policy, out.RequestId, nil
		},
		read: func(c client, arn string) error {
			_, err := c.GetContainerRecipe(ctx, &imagebuilder.GetContainerRecipeInput{ContainerRecipeArn: &arn})
			return err
		},
		remove: func(c client, arn string) error {
			_, err := c.DeleteContainerRecipe(ctx, &imagebuilder.DeleteContainerRecipeInput{ContainerRecipeArn: &arn})
			return err
		},
		absent: own + "container-recipe/none/x.x.x",
		wrong:  []string{own + "container-recipe/web/1.0.0/1", own + "container-recipe/web", own + "image-recipe/web/1.0.0"},
	},
}

// TestPolicy runs what the four types have in common.
func TestPolicy(t *testing.T) {
	for _, r := range shareables {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			s := writtest.New(t)
			owner := newClient(t, s, alice)
			arn := r.make(owner, "web")
			share := canonical(arn, bob, r.actions...)

			t.Run("put and get", func(t *testing.T) { putAndGet(t, r, owner, arn, share) })
			t.Run("absent", func(t *testing.T) {
				for _, absent := range []string{r.absent, strings.Replace(arn, writtest.Region, "eu-west-1", 1)} {
					_, _, err := r.put(owner, absent, canonical(absent, bob, r.actions...))
					wantCode(t, err, "ResourceNotFoundException")
					_, _, err = r.get(owner, absent)
					wantCode(t, err, "ResourceNotFoundException")
				}
			})
			t.Run("wrong ARN", func(t *testing.T) {
				message := "The value supplied for parameter '" + r.member + "' is not valid. " + r.member + " must match pattern " + r.pattern
				for _, wrong := range r.wrong {
					_, _, err := r.put(owner, wrong, share)
					wantMessage(t, err, "InvalidParameterValueException", message)
					_, _, err = r.get(owner, wrong)
					wantMessage(t, err, "InvalidParameterValueException", message)
				}
			})
			t.Run("wrong policy", func(t *testing.T) { wrongPolicies(t, r, owner, arn) })
			t.Run("missing members", func(t *testing.T) { missingMembers(t, r, s, arn) })
			t.Run("not the owner", func(t *testing.T) {
				for _, arn := range []string{arn, strings.Replace(arn, alice, "aws", 1)} {
					_, _, err := r.put(newClient(t, s, bob), arn, canonical(arn, bob, r.actions...))
					wantCode(t, err, "ForbiddenException")
				}
			})
			t.Run("identity", func(t *testing.T) {
				reader := as(t, s, alice, "reader", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"imagebuilder:Get*","Resource":"*"}}`)
				_, _, err := r.put(reader, arn, share)
				wantCode(t, err, "AccessDeniedException")
				_, _, err = r.get(reader, arn)
				ok(t, err)
			})
			t.Run("delete while shared", func(t *testing.T) {
				_, _, err := r.put(owner, arn, share)
				ok(t, err)
				wantMessage(t, r.remove(owner, arn), "ResourceDependencyException",
					"Resource dependency error: The resource ARN '"+arn+"' has other resources depended on it.")
				_, _, err = r.put(owner, arn, canonical(arn, alice, r.actions...))
				ok(t, err)
				ok(t, r.remove(owner, arn))
				wantCode(t, r.remove(owner, arn), "ResourceNotFoundException")
				wantCode(t, r.read(owner, arn), "ResourceNotFoundException")
			})
			t.Run("a new one has no policy", func(t *testing.T) {
				again := ""
				if r.name == "Image" { // its recipe is still there
					again = owner.image(own+"image-recipe/web/1.0.0", own+"infrastructure-configuration/web")
				} else {
					again = r.make(owner, "web")
				}
				if again != arn {
					t.Fatalf("made again: %s, want %s", again, arn)
				}
				got, _, err := r.get(owner, arn)
				ok(t, err)
				if *got != "{}" {
					t.Errorf("policy %s, want none", *got)
				}
			})
		})
	}
}

func putAndGet(t *testing.T, r shareable, owner client, arn, share string) {
	got, _, err := r.get(owner, arn)
	ok(t, err)
	if *got != "{}" {
		t.Errorf("before any put: policy %q, want {}", *got)
	}
	other := " " + canonical(arn, "arn:aws:iam::"+bob+":root", r.actions...) + "\n"
	ids := map[string]bool{}
	for _, document := range []string{share, share, other} {
		echo, id, err := r.put(owner, arn, document)
		ok(t, err)
		if *echo != arn {
			t.Errorf("echo %s, want %s", *echo, arn)
		}
		got, _, err := r.get(owner, arn)
		ok(t, err)
		if *got != document {
			t.Errorf("policy\n got %s\nwant %s", *got, document)
		}
		ids[*id] = true
	}
	if len(ids) != 3 {
		t.Errorf("%d request ids of 3 puts", len(ids))
	}
}

func wrongPolicies(t *testing.T, r shareable, owner client, arn string) {
	const invalid = "InvalidParameterValueException"
	statement := func(parts string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow",` + parts + `}}`
	}
	action, resource := `"Action":"imagebuilder:`+r.actions[0]+`"`, `"Resource":"`+arn+`"`
	for name, document := range map[string]string{
		"not JSON":             `{"Version":`,
		"an empty object":      `{}`,
		"no Principal":         statement(action + "," + resource),
		"NotPrincipal":         statement(`"NotPrincipal":{"AWS":"` + bob + `"},` + action + "," + resource),
		"another service":      statement(`"Principal":{"AWS":"` + bob + `"},"Action":"s3:GetObject",` + resource),
		"any service":          statement(`"Principal":{"AWS":"` + bob + `"},"Action":"*",` + resource),
		"another resource":     statement(`"Principal":{"AWS":"` + bob + `"},` + action + `,"Resource":"` + strings.Replace(arn, "web", "api", 1) + `"`),
		"any resource":         statement(`"Principal":{"AWS":"` + bob + `"},` + action + `,"Resource":"*"`),
		"no Resource":          statement(`"Principal":{"AWS":"` + bob + `"},` + action),
		"all but one resource": statement(`"Principal":{"AWS":"` + bob + `"},` + action + `,"NotResource":"` + r.absent + `"`),
		"all but itself":       statement(`"Principal":{"AWS":"` + bob + `"},` + action + `,"NotResource":"` + arn + `"`),
		"no action":            statement(`"Principal":{"AWS":"` + bob + `"},"Action":[],` + resource),
		"no resource":          statement(`"Principal":{"AWS":"` + bob + `"},` + action + `,"Resource":[]`),
		"nobody":               statement(`"Principal":{},` + action + "," + resource),
		"nobody of AWS":        statement(`"Principal":{"AWS":[]},` + action + "," + resource),
		"no such principal":    statement(`"Principal":{"AWS":"bob"},` + action + "," + resource),
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := r.put(owner, arn, document)
			const begin = "The value supplied for parameter 'policy' is not valid. "
			if message := wantCode(t, err, invalid); !strings.HasPrefix(message, begin) || len(message) == len(begin) {
				t.Errorf("message %q", message)
			}
		})
	}
	fill := func(n int) string {
		document := canonical(arn, bob, r.actions...)
		return document + strings.Repeat(" ", n-len(document))
	}
	_, _, err := r.put(owner, arn, fill(30000))
	ok(t, err)
	wide := strings.Replace(canonical(arn, bob, r.actions...), `{"Effect"`, `{"Sid":"","Effect"`, 1)
	wide = strings.Replace(wide, `"Sid":"`, `"Sid":"`+strings.Repeat("é", 30000-len(wide)), 1)
	_, _, err = r.put(owner, arn, wide) // 30000 characters, twice as many bytes
	ok(t, err)
	_, _, err = r.put(owner, arn, fill(30001))
	wantCode(t, err, invalid)
	_, _, err = r.put(owner, arn, "")
	wantCode(t, err, invalid)
	got, _, err := r.get(owner, arn)
	ok(t, err)
	if *got != wide {
		t.Error("a refused put left something")
	}
}

// missingMembers sends what an SDK would refuse to send.
func missingMembers(t *testing.T, r shareable, s *writtest.Server, arn string) {
	for _, test := range []struct{ name, method, target, body, message string }{
		{"put without policy", "PUT", "/Put" + r.name + "Policy", `{"` + r.member + `":"` + arn + `"}`,
			"The value supplied for parameter 'policy' is not valid. policy must not be null"},
		{"put without ARN", "PUT", "/Put" + r.name + "Policy", `{"policy":"{}"}`,
			"The value supplied for parameter '" + r.member + "' is not valid. " + r.member + " must not be null"},
		{"get without ARN", "GET", "/Get" + r.name + "Policy", "",
			"The value supplied for parameter '" + r.member + "' is not valid. " + r.member + " must not be null"},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, code, body := raw(t, s, alice, test.method, test.target, test.body)
			if status != 400 || code != "InvalidParameterValueException" || body["message"] != test.message {
				t.Errorf("%d %s %v", status, code, body)
			}
		})
	}
}

// TestPolicyTrace is the worked trace of PutImagePolicy and GetImagePolicy on
// the wire: the members, their case, and the status of each answer.
func TestPolicyTrace(t *testing.T) {
	s := writtest.New(t)
	arn := newClient(t, s, alice).anImage("web")
	policy := canonical(arn, bob, "GetImage", "ListImages")
	get := func(arn string) (int, string, map[string]any) {
		return raw(t, s, alice, "GET", "/GetImagePolicy?imageArn="+url.QueryEscape(arn), "")
	}
	body, err := json.Marshal(map[string]string{"imageArn": arn, "policy": policy})
	ok(t, err)

	if status, _, answer := get(arn); status != 200 || answer["policy"] != "{}" || answer["requestId"] == nil {
		t.Errorf("get before put: %d %v", status, answer)
	}
	status, _, answer := raw(t, s, alice, "PUT", "/PutImagePolicy", string(body))
	if status != 200 || answer["imageArn"] != arn || answer["requestId"] == nil || len(answer) != 2 {
		t.Errorf("put: %d %v", status, answer)
	}
	if status, _, answer := get(arn); status != 200 || answer["policy"] != policy {
		t.Errorf("get after put: %d %v", status, answer)
	}
	status, code, answer := get(strings.TrimSuffix(arn, "/1"))
	message := "The value supplied for parameter 'imageArn' is not valid. imageArn must match pattern " + shareables[0].pattern
	if status != 400 || code != "InvalidParameterValueException" || answer["message"] != message || len(answer) != 1 {
		t.Errorf("get without a build number: %d %s %v", status, code, answer)
	}
	status, code, answer = get(own + "image/none/1.0.0/1")
	if text, isText := answer["message"].(string); status != 404 || code != "ResourceNotFoundException" || !isText || text == "" {
		t.Errorf("get of what is not there: %d %s %v", status, code, answer)
	}
}
