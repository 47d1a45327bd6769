// Imported before the editor: tells it how to start its workers without a further request.
import editorWorker from 'worker:monaco-editor/esm/vs/editor/editor.worker.js';
import jsonWorker from 'worker:monaco-editor/esm/vs/language/json/json.worker.js';
import graphqlWorker from 'worker:monaco-graphql/esm/graphql.worker.js';

const code = { json: jsonWorker, graphql: graphqlWorker };

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    const url = URL.createObjectURL(new Blob([code[label] ?? editorWorker], { type: 'text/javascript' }));
    const worker = new Worker(url, { name: label });
    URL.revokeObjectURL(url);
    return worker;
  },
};
