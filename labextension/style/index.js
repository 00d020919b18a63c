import './base.css';
import './controls.css';
import './money.css';
import './clusters.css';
import './narrow.css';
import './steer.css';
