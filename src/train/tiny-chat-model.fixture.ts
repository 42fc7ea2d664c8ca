/** A random model of the smallest size that takes messages and tools, as a directory. */
import { writeFamily } from '../chat/chat-model.fixture.ts';
import { families } from '../chat/templates.fixture.ts';
import { clearParameters, testFolder } from '../engine/local/tiny-engine.fixture.ts';
import { saveCheckpoint } from '../model/checkpoint.ts';
import { tinyConfig } from '../model/tiny-model.fixture.ts';
import { loadTokenizer } from '../model/tokenizer.ts';

export async function writeTinyChatModel(contextLength = 512): Promise<string> {
  const directory = testFolder();
  await writeFamily(directory, families.hermes);
  const { vocabularySize, endToken } = await loadTokenizer(directory);
  const config = tinyConfig('llama', { vocab_size: vocabularySize, head_dim: 8, max_position_embeddings: contextLength, eos_token_id: endToken });
  await saveCheckpoint(directory, config, clearParameters(config));
  return directory;
}
