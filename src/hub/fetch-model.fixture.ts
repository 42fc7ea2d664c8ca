/** A process of its own that downloads the model named as its argument, with settings from the environment, and prints the folder. */
import { fetchModel } from './model.ts';
import { parseRepository } from './repository.ts';

const repository = parseRepository('model', process.argv[2] ?? '');
if (!repository) throw new Error('name a model');
process.stdout.write(await fetchModel(repository, { onProgress: (progress) => process.stderr.write(`${JSON.stringify(progress)}\n`) }));
