package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"websocket.example/05-apigw-lambda/deploy"
	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/template"
)

// Project reads the template. Its errors are TemplateErrors.
func Project(o Options) (*api.Project, error) {
	how := template.Options{Region: Region, Stage: o.Stage, Parameters: o.Parameters}
	if o.Unsure.Is("undeployed-routes", "present") {
		how.Undeployed = template.Present
	}
	var project *api.Project
	var err error
	switch {
	case o.Template != "":
		project, err = template.Read(o.Template, how)
	case o.Exec:
		var file string
		if file, err = deployed(); err == nil {
			project, err = template.Read(file, how)
		}
	default:
		project, err = template.Parse("deploy/template.yaml", "", deploy.Template, how)
	}
	if err != nil {
		return nil, TemplateError{err}
	}
	if len(project.APIs) == 0 {
		return nil, TemplateError{fmt.Errorf("%s: there is no WebSocket API in it", o.Template)}
	}
	return project, nil
}

// deployed finds the template of the chat, beside which the binaries are.
func deployed() (string, error) {
	for _, folder := range []string{"05-apigw-lambda", "."} {
		file := filepath.Join(folder, "deploy", "template.yaml")
		if _, err := os.Stat(file); err == nil {
			return file, nil
		}
	}
	return "", errors.New("-exec: the built functions are beside deploy/template.yaml: run it in the workspace's folder, or in this step's")
}
