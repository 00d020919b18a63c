import './base.css';
import './controls.css';
import './money.css';
import './clusters.css';
import './dialog.css';
import './narrow.css';
