package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const component = `name: bench
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: greet
        action: ExecuteBash
        inputs:
          commands: [echo hello]
`

// fill creates images through the API and puts a policy on each. It returns the time that
// the policies took.
func fill(address string, images int) (time.Duration, error) {
	c, s := &conn{address: address}, newSigner(address, rootOf(account))
	defer c.close()
	create := func(c *conn, s *signer, operation, result, token string, input map[string]any) (string, error) {
		input["clientToken"] = token
		body, err := c.exchange(s.imageBuilder(operation, input))
		if err != nil {
			return "", fmt.Errorf("%s: %w", operation, err)
		}
		var output map[string]any
		if err := json.Unmarshal(body, &output); err != nil {
			return "", fmt.Errorf("%s: %w", operation, err)
		}
		arn, _ := output[result].(string)
		if arn == "" {
			return "", fmt.Errorf("%s: no %s in %s", operation, result, body)
		}
		return arn, nil
	}

	componentARN, err := create(c, s, "CreateComponent", "componentBuildVersionArn", "component", map[string]any{
		"name": "bench", "semanticVersion": "1.0.0", "platform": "Linux", "data": component})
	if err != nil {
		return 0, err
	}
	infrastructure, err := create(c, s, "CreateInfrastructureConfiguration", "infrastructureConfigurationArn", "infrastructure", map[string]any{
		"name": "bench", "instanceProfileName": "bench"})
	if err != nil {
		return 0, err
	}
	recipeARNs := make([]string, recipes(images))
	err = parallel(address, "recipes", len(recipeARNs), func(c *conn, s *signer, i int) (err error) {
		recipeARNs[i], err = create(c, s, "CreateImageRecipe", "imageRecipeArn", recipeName(i), map[string]any{
			"name": recipeName(i), "semanticVersion": "1.0.0", "parentImage": "ami-0123456789abcdef0",
			"components": []any{map[string]any{"componentArn": componentARN}}})
		return err
	})
	if err != nil {
		return 0, err
	}

	// Build versions of one recipe are numbered in the order in which the requests
	// arrive, so the set of ARNs is known, but not which connection receives which.
	var mutex sync.Mutex
	wanted := make(map[string]bool, images)
	for i := range images {
		wanted[imageARN(i)] = true
	}
	err = parallel(address, "images", images, func(c *conn, s *signer, i int) error {
		arn, err := create(c, s, "CreateImage", "imageBuildVersionArn", fmt.Sprintf("image-%d", i), map[string]any{
			"imageRecipeArn": recipeARNs[i/imagesPerRecipe], "infrastructureConfigurationArn": infrastructure})
		if err != nil {
			return err
		}
		mutex.Lock()
		defer mutex.Unlock()
		if !wanted[arn] {
			return fmt.Errorf("CreateImage answered the unexpected or repeated ARN %s", arn)
		}
		delete(wanted, arn)
		return nil
	})
	if err != nil {
		return 0, err
	}
	began := time.Now()
	err = parallel(address, "policies", images, func(c *conn, s *signer, i int) error {
		_, err := c.exchange(s.putPolicy(i, 0))
		return err
	})
	return time.Since(began), err
}

// parallel calls do for 0 to n-1 over 64 connections and prints its progress.
func parallel(address, what string, n int, do func(c *conn, s *signer, i int) error) error {
	const workers = 64
	var next, done atomic.Int64
	failures := make([]error, workers)
	var running sync.WaitGroup
	for w := range workers {
		running.Go(func() {
			c := &conn{address: address}
			defer c.close()
			var s *signer
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if s == nil || time.Since(s.now) > time.Minute { // signatures are valid for 15 minutes
					s = newSigner(address, rootOf(account))
				}
				if failures[w] = do(c, s, i); failures[w] != nil {
					next.Store(int64(n)) // stops the other connections
					return
				}
				if k := done.Add(1); k%10_000 == 0 {
					fmt.Fprintf(os.Stderr, "  %d %s\n", k, what)
				}
			}
		})
	}
	running.Wait()
	return errors.Join(failures...)
}
