import './base.css';
import './controls.css';
import './money.css';
import './clusters.css';
import './cluster-page.css';
import './dialog.css';
import './narrow.css';
import './steer.css';
