/** /v1/models: the one model that there is; and what it does not do. */
import { ApiError } from './api-error.ts';
import { checkModelName } from './served-model.ts';
import type { ServerContext } from './server-context.ts';

const describe = ({ model, startedSeconds }: ServerContext): Record<string, unknown> => ({
  id: model.name,
  object: 'model',
  created: startedSeconds,
  owned_by: 'r5',
  context_length: model.engine.contextLength,
});

export const modelList = (context: ServerContext): Response => Response.json({ object: 'list', data: [describe(context)] });

export function oneModel(id: string, context: ServerContext): Response {
  checkModelName(id, context.model);
  return Response.json(describe(context));
}

export const embeddingsRefusal = ({ model }: ServerContext): ApiError =>
  new ApiError(400, `The model '${model.name}' writes text; it was not trained to give embeddings, and what its layers hold would be poor ones. Use a model made for embeddings.`, {
    code: 'unsupported_endpoint',
  });
