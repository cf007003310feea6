// The exercise in another language: the finished function for Node.js, with
// nothing but what Node.js has. The local gateway checks no signature; on AWS
// the posts would need the SDK, which signs them.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const endpoint = process.env.AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI
const folder = process.env.CONNECTIONS
await mkdir(folder, { recursive: true })

export async function handler(event) {
	const id = event.requestContext?.connectionId
	switch (event.requestContext?.routeKey) {
	case '$connect': {
		const name = event.queryStringParameters?.name
		if (!name) return { statusCode: 403 }
		await writeFile(join(folder, id), name)
		break
	}
	case 'echo':
		await post(id, { type: 'echo', text: read(event.body).text })
		break
	case 'send':
		await everybody({ type: 'message', from: await readFile(join(folder, id), 'utf8'), text: read(event.body).text })
		break
	case '$default':
		await post(id, { type: 'error', message: `no action ${read(event.body).action}` })
		break
	case '$disconnect':
		await rm(join(folder, id), { force: true })
		break
	default:
		await everybody({ type: 'push', text: event.text })
	}
	return { statusCode: 200 }
}

function read(body) {
	try {
		return JSON.parse(body)
	} catch {
		return {}
	}
}

async function everybody(message) {
	for (const id of await readdir(folder)) {
		if (await post(id, message) === 410) await rm(join(folder, id), { force: true })
	}
}

async function post(id, message) {
	const answer = await fetch(`${endpoint}/@connections/${encodeURIComponent(id)}`, { method: 'POST', body: JSON.stringify(message) })
	return answer.status
}
