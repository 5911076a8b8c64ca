import { render } from 'preact';
import './styles/index.css';
import { watchAcknowledgements } from './acknowledge';
import { App } from './app';
import { registerWorker, watchInstall } from './install';
import { loadPreferences } from './preferences';
import { watchOutbox } from './outbox';
import { watchPlace } from './route';
import { resume } from './session';

loadPreferences();
watchPlace();
watchAcknowledgements();
watchOutbox();
watchInstall();
registerWorker();
void resume();
render(<App />, document.getElementById('app')!);
