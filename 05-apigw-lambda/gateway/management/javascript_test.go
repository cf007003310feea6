package management

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// script calls the API with the SDK for JavaScript, and says what came of it.
const script = `
import { createRequire } from 'node:module';
const require = createRequire(process.env.MODULES);
const sdk = require('@aws-sdk/client-apigatewaymanagementapi');
const client = new sdk.ApiGatewayManagementApiClient({
  endpoint: process.env.ENDPOINT, region: 'us-east-1', maxAttempts: 1,
  credentials: { accessKeyId: 'AKID', secretAccessKey: 'SECRET' },
});
async function say(command) {
  try {
    const answer = await client.send(command);
    console.log(answer.$metadata.httpStatusCode, answer.Identity?.SourceIp ?? '');
  } catch (error) {
    console.log(error.name, error instanceof sdk.GoneException);
  }
}
const [live, gone] = process.env.IDS.split(',');
await say(new sdk.PostToConnectionCommand({ ConnectionId: live, Data: 'olá' }));
await say(new sdk.PostToConnectionCommand({ ConnectionId: gone, Data: 'x' }));
await say(new sdk.GetConnectionCommand({ ConnectionId: live }));
await say(new sdk.DeleteConnectionCommand({ ConnectionId: live }));
await say(new sdk.PostToConnectionCommand({ ConnectionId: 'short', Data: 'x' }));
`

// The SDK for JavaScript, which the lock file of the workbench brings.
func TestJavaScriptSDK(t *testing.T) {
	modules, err := filepath.Abs(filepath.Join("..", "..", "workbench", "offline"))
	if err != nil {
		t.Fatal(err)
	}
	node, err := exec.LookPath("node")
	if _, missing := os.Stat(filepath.Join(modules, "node_modules")); err == nil {
		err = missing
	}
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("npm ci in workbench/offline brings it: %v", err)
	}
	r, base := serve(t)
	cmd := exec.CommandContext(t.Context(), node, "--input-type=module", "--eval", script)
	cmd.Env = append(os.Environ(), "MODULES="+modules+string(filepath.Separator), "ENDPOINT="+base+"/dev", "IDS="+live+","+gone)
	out, err := cmd.Output()
	want := "200 \nGoneException true\n200 83.231.121.182\n204 \nBadRequestException false\n"
	if err != nil || string(out) != want || strings.Join(r.posted, ",") != live+" olá" {
		t.Errorf("%v\n%s%q", err, out, r.posted)
	}
}
